import { randomUUID } from 'node:crypto'
import { connect as dial } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({})
useEvi()

let name: string
beforeEach(() => {
  name = `i-${randomUUID()}`
})

/** A way to the broker on which replies take 20 ms once queues are made; says when a hundred are. */
async function slowWay() {
  // With the flags of one that is durable, not of a look.
  const durable = (number: number) => Buffer.from(`${name}-${number}\u0002`)
  let isSlow = false
  const { promise: declaring, resolve } = Promise.withResolvers<void>()
  const server = await serve((connection) => {
    const upstream = dial(own.broker.port, '127.0.0.1').on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.destroy())
    upstream.on('data', async (chunk: Buffer) => {
      upstream.pause()
      if (isSlow) await sleep(20)
      connection.write(chunk)
      upstream.resume()
    })
    connection.on('data', (chunk: Buffer) => {
      upstream.write(chunk)
      isSlow ||= chunk.includes(durable(0))
      if (chunk.includes(durable(100))) resolve()
    })
  })
  return { port: server.port, declaring, [Symbol.asyncDispose]: server.close }
}

/** An event with so many subscribers whose queues are missing. */
async function subscribe(count: number, port: number): Promise<void> {
  const lines = Array.from(
    { length: count },
    (_, number) => `rabbitmq:guest@127.0.0.1:${port}/${name}-${number}`,
  )
  const input = lines.map((socket) => `E_LONG ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

const queuesMade = async () =>
  (await own.broker.rabbitmqctl('-q', 'list_queues', 'name')).match(new RegExp(`^${name}-\\d+$`, 'gm'))
    ?.length

async function interrupt(words: readonly string[], signal: NodeJS.Signals) {
  await using way = await slowWay()
  await subscribe(600, way.port)
  const running = evi.start(['declare', 'E_LONG', '--yes', ...words])
  await way.declaring
  const ended = await running.kill(signal)
  // Waits for what was in flight, and so knows of each queue.
  return { ...ended, made: await queuesMade() }
}

test('a declare that is interrupted reports what it has made, and what not', async () => {
  const { code, stdout, stderr, made = 0 } = await interrupt([], 'SIGINT')
  expect({ code, stderr, made: stdout.match(/: made$/gm)?.length }).toEqual({ code: 130, stderr: '', made })
  expect(made).toBeGreaterThan(99)
  expect(made).toBeLessThan(600)
  expect(stdout).toMatch(
    /\n\d+ sockets such as .*\n {2}✖ Interrupted: the queue ".*" was not declared\.\n {4}Run it again to declare the rest; .*\n600 sockets: .*\n$/,
  )
  expect(stdout).toContain(`\n600 sockets: ${made} declared, ${600 - made} failed\n`)
})

test('a declare --json that is ended by SIGTERM writes its report as one document', async () => {
  const { code, stdout, stderr, made = 0 } = await interrupt(['--json'], 'SIGTERM')
  const { results } = JSON.parse(stdout) as { results: { failure: { code: string } | null }[] }
  const failures = results.flatMap(({ failure }) => failure?.code ?? [])
  expect({ code, stderr, sockets: results.length }).toEqual({ code: 130, stderr: '', sockets: 600 })
  expect(failures).toEqual(Array.from({ length: 600 - made }, () => 'interrupted'))
})
