import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../helpers/brokers/client.ts'
import { startTestSandbox, type TestSandbox } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

let sandbox: TestSandbox
let client: Client
let address: string
beforeAll(async () => {
  sandbox = await startTestSandbox()
  address = `rabbitmq:guest:guest@${sandbox.host}:${sandbox.port}`
  client = await Client.connect(sandbox.port)
  await sandbox.rabbitmqctl('trace_on')
})
afterAll(async () => {
  await client?.close()
  await sandbox?.stop()
})

let queue: string
useEvi()
beforeEach(() => {
  queue = `q-${randomUUID()}`
})

const publish = (exchange: string, key: string, body: string, options = {}) =>
  client.channel.publish(exchange, key, Buffer.from(body), options)

async function watch(socket: string, ...words: string[]) {
  const running = evi.start(['tail', '--socket', socket, '--firehose', ...words])
  await running.said('stderr', /Watching/)
  return running
}

const bodies = Array.from({ length: 200 }, (_, number) => `body ${number}`)

describe('what it does to the messages', () => {
  test.each([
    ['classic', {}],
    ['quorum', {}],
    ['stream', { 'x-stream-offset': 'first' }],
  ])('the consumer of a %s queue gets all, in order, none redelivered', async (type, offset) => {
    await client.channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } })
    const worker = await Client.connect(sandbox.port)
    const seen = await worker.work(queue, { arguments: offset })
    const tail = await watch(`${address}/${queue}`, '--raw', '--count', String(bodies.length))
    for (const body of bodies) {
      publish('', queue, body)
      publish('', `${queue}-not`, 'for another queue')
    }
    expect((await tail.ended).stdout).toBe(bodies.map((body) => `${body}\n`).join(''))
    await expect.poll(() => seen.length).toBe(bodies.length)
    expect(seen).toEqual(bodies)
    await worker.close()
    await client.channel.deleteQueue(queue)
  })

  test('a queue of another connection alone is watched, too, and so is one that is not there', async () => {
    await client.channel.assertQueue(queue, { exclusive: true })
    const [there, missing] = [
      await watch(`${address}/${queue}`, '--raw', '--count', '1'),
      await watch(`${address}/${queue}-not`, '--raw', '--count', '1'),
    ]
    publish('', queue, 'seen')
    publish('', `${queue}-not`, 'unroutable')
    expect((await there.ended).stdout).toBe('seen\n')
    expect((await missing.ended).stdout).toBe('unroutable\n')
  })
})

describe('what is shown', () => {
  test('is the message as it was published, not its trace', async () => {
    const options = {
      contentType: 'application/json',
      messageId: 'm-1',
      deliveryMode: 2,
      priority: 3,
      timestamp: 1_700_000_000,
      appId: 'sip',
      headers: { a: 1, deep: { b: ['x'] } },
    }
    const tail = await watch(`${address}/${queue}`, '--json', '--count', '1')
    publish('', queue, '{"jsonrpc":"2.0","method":"E_X","params":{"10":1.0,"2":1e400}}', options)
    const { stdout } = await tail.ended
    expect(stdout).toContain('"message":{"jsonrpc":"2.0","method":"E_X","params":{"10":1.0,"2":1e400}}')
    expect(JSON.parse(stdout)).toMatchObject({
      socket: `rabbitmq:guest@${sandbox.host}:${sandbox.port}/${queue}`,
      exchange: '',
      routingKey: queue,
      redelivered: false,
    })
    expect(JSON.parse(stdout).properties).toEqual(options)
  })

  test('what evi raises has no property there, as on the wire', async () => {
    const tail = await watch(`${address}/${queue}`, '--json', '--count', '1')
    await evi.run(['raise', 'E_X', '--socket', `${address}/${queue}`])
    expect(JSON.parse((await tail.ended).stdout)).toMatchObject({
      properties: {},
      message: { method: 'E_X' },
    })
  })

  test.each(['x', 'x.#', 'x.*'])('of the exchange %s only what has the routing key', async (exchange) => {
    await client.channel.assertExchange(exchange, 'topic', { durable: false })
    await client.channel.assertExchange('x.other', 'topic', { durable: false })
    const tail = await watch(`${address}/${encodeURIComponent(exchange)}?a.b`, '--json', '--count', '1')
    publish('x.other', 'a.b', 'by another exchange')
    publish('', 'a.b', 'by the default exchange')
    publish(exchange, 'a.c', 'by another key')
    publish(exchange, 'a.b', 'seen')
    expect(JSON.parse((await tail.ended).stdout)).toMatchObject({ exchange, routingKey: 'a.b', body: 'seen' })
  })
})

describe('what is needed', () => {
  test('it is said what an admin has to run, for the vhost that is watched', async () => {
    await sandbox.rabbitmqctl('add_vhost', 'v 1')
    await sandbox.rabbitmqctl('set_permissions', '-p', 'v 1', 'guest', '.*', '.*', '.*')
    const silent = await watch(`${address}/vhost=v 1?${queue}`, '--timeout', '0.5', '--count', '1')
    await evi.run(['raise', 'E_X', '--socket', `${address}/vhost=v 1?${queue}`])
    expect(await silent.ended).toMatchObject({ code: 124, stdout: '' })
    const [, remedy] =
      /^Nothing of .* tracing is on.*: rabbitmqctl (trace_on -p 'v 1')$/m.exec(silent.stderr) ?? []
    expect(remedy).toBe("trace_on -p 'v 1'")
    await sandbox.rabbitmqctl('trace_on', '-p', 'v 1')
    const tail = await watch(`${address}/vhost=v 1?${queue}`, '--json', '--count', '1')
    await evi.run(['raise', 'E_X', '--socket', `${address}/vhost=v 1?${queue}`])
    expect(await tail.ended).toMatchObject({ code: 0 })
  })

  test('a user who may not read the trace is refused with the remedy, exit code 77', async () => {
    await addUser(sandbox, 'poor', 'poor', ['.*', '.*', '^q-.*'])
    const socket = `rabbitmq:poor:poor@${sandbox.host}:${sandbox.port}/${queue}`
    const { code, stdout, stderr } = await evi.run(['tail', '--socket', socket, '--firehose'])
    expect({ code, stdout, stderr }).toEqual({
      code: 77,
      stdout: '',
      stderr: expect.stringMatching(
        /amq\.rabbitmq\.trace.*\n.*\n.*rabbitmqctl set_permissions poor '\^amq.* '\^\(amq\\\.rabbitmq\\\.trace\|amq/,
      ),
    })
  })

  test.each([['--peek'], ['--from=first'], ['--binding-key=a']])('%s does not go with it', async (flag) => {
    const run = await evi.run(['tail', '--socket', `${address}/${queue}`, '--firehose', flag])
    expect(run).toMatchObject({ code: 64 })
  })
})
