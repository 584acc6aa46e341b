import { randomUUID } from 'node:crypto'
import { connect as dial } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({})
useEvi()

let name: string
beforeEach(() => {
  name = `r-${randomUUID()}`
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const at = (route: string, port = own.broker.port) => `rabbitmq:guest@127.0.0.1:${port}/${route}`
const declare = (...words: string[]) => evi.run(['declare', 'E_REPORT', '--yes', ...words])

async function subscribe(sockets: readonly string[]): Promise<void> {
  const input = sockets.map((socket) => `E_REPORT ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

test('an exchange that sockets share is reported as made once, and as existing for the others', async () => {
  await subscribe(upTo(12).map((number) => at(`${name}?${name}-${number}`)))
  const { code, stdout } = await declare('--exchange-type', 'topic', '--json')
  const { results } = JSON.parse(stdout) as { results: { declared: { outcome: string }[] }[] }
  expect(code).toBe(0)
  expect(results.map(({ declared }) => declared.map(({ outcome }) => outcome).join())).toEqual([
    'made,made,bound',
    ...upTo(11).map(() => 'exists,made,bound'),
  ])
})

test('declare --quiet prints what failed and the summary only', async () => {
  await subscribe([...upTo(3).map((number) => at(`${name}-${number}`)), at('q', await closedPort())])
  const { code, stdout, stderr } = await declare('-q')
  expect({ code, stdout, stderr }).toEqual({
    code: 3,
    stdout: expect.stringMatching(
      /^rabbitmq:\S+\/q\n {2}✖ .* refuses the connection.*\n.*\n4 sockets: 3 declared, 1 failed\n$/,
    ),
    stderr: '',
  })
})

test('an exchange of another type than the one asked for is refused with what to do', async () => {
  const socket = at(`amq.fanout?${name}`)
  expect(await evi.run(['declare', socket, '--exchange-type', 'direct', '--yes'])).toMatchObject({
    code: 76,
    stdout: expect.stringMatching(
      /inequivalent arg 'type'.*\n {4}evi changes nothing that exists\. Leave out --exchange-type, or /,
    ),
  })
})

test('a connection that is lost in the middle is reported with what declares the rest', async () => {
  // With the flags of one that is durable, not of a look.
  const fatal = Buffer.from(`${name}-40\u0002`)
  let isCut = false
  await using way = await cuttingWay((chunk) => {
    const isNow = !isCut && chunk.includes(fatal)
    isCut ||= isNow
    return isNow
  })
  await subscribe(upTo(60).map((number) => at(`${name}-${number}`, way.port)))
  const { code, stdout } = await declare()
  expect(code).toBe(3)
  expect(stdout).toMatch(
    /✖ The connection .* was lost.*\n {4}Run it again to declare the rest; what exists stays as it is\.\n60 sockets: /,
  )
  expect(await declare()).toMatchObject({ code: 0 })
})

/** A way to the broker that cuts a connection at a chunk. */
async function cuttingWay(isFatal: (chunk: Buffer) => boolean) {
  const server = await serve((connection) => {
    const upstream = dial(own.broker.port, '127.0.0.1').on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.destroy()).pipe(connection)
    connection.on('data', (chunk: Buffer) => {
      if (isFatal(chunk)) connection.destroy()
      else upstream.write(chunk)
    })
  })
  return { port: server.port, [Symbol.asyncDispose]: server.close }
}
