import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../../helpers/brokers/client.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

let client: Client
let relay: LocalServer
beforeAll(async () => {
  client = await Client.connect()
  // On all addresses of this machine, so that each of them needs a login of its own.
  relay = await serve(
    (connection) => {
      const broker = connect(testBroker.port, testBroker.host)
      connection.on('close', () => broker.destroy()).pipe(broker)
      broker.on('error', () => {}).on('close', () => connection.destroy())
      broker.pipe(connection)
    },
    0,
    '0.0.0.0',
  )
})
afterAll(async () => {
  await relay.close()
  await client.close()
})
useEvi()

test('raise serves 100 logins though only 60 files may be open', { timeout: 120_000 }, async () => {
  const queue = await client.queue()
  const sockets = Array.from(
    { length: 100 },
    (_, index) => `E_MANY rabbitmq:guest:guest@127.0.0.${index + 1}:${relay.port}/${queue}\n`,
  )
  await evi.run(['subscribe', '--batch', '-'], { input: sockets.join('') })
  const raise = 'EVI_TIMEOUT=60000 evi raise E_MANY --connect-timeout 60000'
  const { code, stderr } = await evi.shell(`ulimit -n 60; ${raise}`)
  expect(stderr).not.toContain('✖')
  expect(code).toBe(0)
  expect(await client.take(queue)).toHaveLength(100)
})

test('a stream serves 100 logins with each line though only 60 files may be open', {
  timeout: 180_000,
}, async () => {
  const queue = await client.queue()
  const sockets = Array.from(
    { length: 100 },
    (_, index) => `E_MANY rabbitmq:guest:guest@127.0.0.${index + 1}:${relay.port}/${queue}\n`,
  )
  await evi.run(['subscribe', '--batch', '-'], { input: sockets.join('') })
  const lines = [1, 2, 3].map((n) => `{"jsonrpc":"2.0","method":"E_MANY","params":{"n":${n}}}`)
  const failed = `${evi.configDirectory}/failed`
  const raise = `EVI_TIMEOUT=60000 evi raise - --connect-timeout 60000 --failed ${failed} --json`
  const { code, stdout, stderr } = await evi.shell(
    `ulimit -n 60; printf '%s\\n' '${lines.join("' '")}' | ${raise}`,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout).summary).toMatchObject({ read: 3, sent: 3, failed: 0 })
  expect(await client.take(queue)).toHaveLength(300)
})

test('tail says which limit keeps it from watching more logins, and how to raise it', async () => {
  const queue = await client.queue()
  const sockets = Array.from(
    { length: 40 },
    (_, index) => `E_MANY rabbitmq:guest:guest@127.0.0.${index + 1}:${relay.port}/${queue}\n`,
  )
  await evi.run(['subscribe', '--batch', '-'], { input: sockets.join('') })
  const { stderr } = await evi.shell('ulimit -n 60; EVI_TIMEOUT=2000 evi tail E_MANY')
  expect(stderr).toContain('28 are open, and the limit of open files allows no more.')
  expect(stderr).toContain('  Raise the limit in this shell: ulimit -n 72\n')
  const raised = await evi.shell('ulimit -n 72; EVI_TIMEOUT=2000 evi tail E_MANY')
  // All logins were tried, up to the queue that is not to be taken from.
  expect(raised).toMatchObject({ code: 73, stderr: expect.not.stringContaining('limit of open files') })
})
