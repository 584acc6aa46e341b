import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { startTestSandbox, type TestSandbox } from '../../helpers/brokers/own-broker.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { closedPort, mutePort, swallowingProxy } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const nowhere = `nowhere-${randomUUID()}`
const address = `${testBroker.host}:${testBroker.port}`

interface Failure {
  readonly exit: number
  readonly status: string
  readonly reason: RegExp
}

/** The same failure under raise, plain and as JSON, with the password nowhere. */
async function expectFailure(
  socket: string,
  { exit, status, reason }: Failure,
  ...flags: string[]
): Promise<number> {
  const words = ['raise', 'E_X', '--socket', socket, ...flags]
  const plain = await evi.run(words)
  expect(plain).toMatchObject({ code: exit, stderr: '', stdout: expect.stringMatching(reason) })
  expect(plain.stdout).toContain(status)
  const json = await evi.run([...words, '--json'])
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: exit, stderr: '' })
  expect(JSON.parse(json.stdout).results[0]).toMatchObject({ status, reason: expect.stringMatching(reason) })
  expect(plain.stdout + json.stdout).not.toMatch(/s3cret|\n\s+at /)
  return plain.ms
}

describe('one fault each', () => {
  test.each([
    [
      `rabbitmq:a:s3cret@${nowhere}.invalid/q`,
      { exit: 69, status: 'unreachable', reason: /does not resolve/ },
    ],
    [
      `rabbitmq:guest:s3cret@${address}/q`,
      { exit: 77, status: 'refused', reason: /login of the user "guest" was refused/ },
    ],
    [`${brokerAddress}/vhost=${nowhere}?q`, { exit: 77, status: 'refused', reason: /no vhost "nowhere/ }],
    [`${brokerAddress}/${nowhere}?q`, { exit: 76, status: 'no-exchange', reason: /no exchange "nowhere/ }],
    [`${brokerAddress}/${nowhere}`, { exit: 5, status: 'unroutable', reason: /no queue "nowhere/ }],
    [`${brokerAddress}/amq.topic?${nowhere}`, { exit: 5, status: 'unroutable', reason: /no binding/ }],
  ])('%s', async (socket, failure) => {
    await expectFailure(socket, failure)
    await expectFailure(socket, failure, '--sync')
  })

  test('a closed port is reported at once, of a name with two addresses too', async () => {
    const port = await closedPort()
    const failure = { exit: 69, status: 'unreachable', reason: /nothing listens there/ }
    expect(await expectFailure(`rabbitmq:127.0.0.1:${port}/q`, failure)).toBeLessThan(1500)
    expect(await expectFailure(`rabbitmq:localhost:${port}/q`, failure)).toBeLessThan(1500)
  })

  test('the gravest failure decides when all fail', async () => {
    const port = await closedPort()
    const [unroutable, closed, refused] = [
      `${brokerAddress}/${nowhere}`,
      `rabbitmq:127.0.0.1:${port}/q`,
      `rabbitmq:guest:x@${address}/q`,
    ]
    const code = async (...sockets: string[]) =>
      (await evi.run(['raise', 'E_X', ...sockets.flatMap((socket) => ['--socket', socket])])).code
    expect(await code(unroutable, closed)).toBe(69)
    expect(await code(closed, refused)).toBe(77)
    expect(await code(unroutable, `${brokerAddress}/${nowhere}?k`)).toBe(76)
  })
})

describe('a host that is no broker', () => {
  let server: LocalServer | undefined
  afterEach(() => server?.close())

  const unreachable = (reason: RegExp) => ({ exit: 69, status: 'unreachable', reason })

  test('one that never answers costs connect_timeout and timeout, and not more', async () => {
    server = await serve(() => {})
    const ms = await expectFailure(
      `rabbitmq:127.0.0.1:${server.port}/q`,
      unreachable(/no AMQP reply within 700 ms/),
      '--reply-timeout',
      '700',
    )
    expect(ms).toBeGreaterThan(700)
    // The rest is the start of Node on a busy machine.
    expect(ms).toBeLessThan(700 + 500 + 1500)
  })

  test('one that does not even refuse costs connect_timeout, and not more', async () => {
    server = await mutePort()
    const reason = /no TCP connection within 300 ms/
    const ms = await expectFailure(
      `rabbitmq:127.0.0.1:${server.port}/q`,
      unreachable(reason),
      '--connect-timeout',
      '300',
    )
    expect(ms).toBeGreaterThan(300)
    expect(ms).toBeLessThan(300 + 1500)
  })

  test.each([
    [
      'one that speaks HTTP',
      (send: (text: string) => void) => send('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    ],
    ['one that sends garbage', (send: (text: string) => void) => send('\xff'.repeat(65_536))],
    ['one that speaks another AMQP', (send: (text: string) => void) => send('AMQP\x03\x01\x00\x00')],
  ])('%s does not speak AMQP 0-9-1', async (_, answer) => {
    server = await serve((connection) => {
      answer((text) => connection.write(text, 'latin1'))
      connection.once('data', () => connection.end())
    })
    await expectFailure(`rabbitmq:127.0.0.1:${server.port}/q`, unreachable(/does not speak AMQP 0-9-1/))
  })

  test.each([
    ['closes at once', (connection: Socket) => connection.destroy(), /(?:closed|reset) it before any reply/],
    [
      'reads the greeting and closes',
      (connection: Socket) => connection.once('data', () => connection.end()),
      /closed it before any reply/,
    ],
    [
      'reads the greeting and resets',
      (connection: Socket) => connection.once('data', () => connection.resetAndDestroy()),
      /reset it before any reply/,
    ],
  ])('one that %s is not called another service', async (_, cut, reason) => {
    server = await serve(cut)
    const socket = `rabbitmq:127.0.0.1:${server.port}/q`
    await expectFailure(socket, unreachable(reason))
  })

  test('a broker that falls silent after the login costs one time-out, not two', async () => {
    server = await swallowingProxy()
    const words = [
      'raise',
      'E_X',
      '--socket',
      `rabbitmq:127.0.0.1:${server.port}/q`,
      '--reply-timeout',
      '700',
    ]
    const { code, stdout, ms } = await evi.run(words)
    expect({ code, stdout }).toEqual({
      code: 75,
      stdout: expect.stringMatching(/did not answer within 700 ms/),
    })
    expect(ms).toBeLessThan(700 + 1500)
  })

  test('tail ends with 69 too, as nothing was ever watched', async () => {
    server = await serve(() => {})
    const socket = `rabbitmq:127.0.0.1:${server.port}/q`
    const { code, stdout, stderr } = await evi.run(['tail', '--socket', socket, '--reply-timeout', '300'])
    expect({ code, stdout, stderr }).toEqual({
      code: 69,
      stdout: '',
      stderr: expect.stringMatching(/^evi: .*no AMQP reply/),
    })
  })
})

describe('a broker with something to say', () => {
  let broker: TestSandbox
  beforeAll(async () => {
    broker = await startTestSandbox()
    await broker.rabbitmqctl('add_user', 'reader', 's3cret')
    await broker.rabbitmqctl('add_user', 'stranger', 's3cret')
    await broker.rabbitmqctl('set_permissions', 'reader', '^$', '^$', '.*')
  })
  afterAll(() => broker.stop())

  const as = (user: string) => `rabbitmq:${user}:s3cret@${broker.host}:${broker.port}`

  test('no permission on the vhost', async () => {
    await expectFailure(`${as('stranger')}/q`, {
      exit: 77,
      status: 'refused',
      reason: /no permission on the vhost "\/"/,
    })
  })

  test('no permission to write to the exchange, to bind, or to declare', async () => {
    const failure = {
      exit: 77,
      status: 'refused',
      reason: /access to exchange 'amq.topic'.*refused for user 'reader'/,
    }
    await expectFailure(`${as('reader')}/amq.topic?k`, failure)
    await expectFailure(`${as('reader')}/amq.topic?k`, failure, '--sync')
    for (const route of ['amq.topic?k', 'q']) {
      const { code, stderr } = await evi.run(['tail', '--socket', `${as('reader')}/${route}`])
      expect({ route, code, stderr }).toEqual({
        route,
        code: 77,
        stderr: expect.stringContaining('rabbitmqctl set_permissions'),
      })
    }
  })

  test('a memory alarm blocks publishers', async () => {
    const queue = `q-${randomUUID()}`
    const watcher = evi.start(['tail', '--socket', `${broker.socket.replace(/evi$/, queue)}`, '--count', '1'])
    await watcher.said('stderr', /Watching/)
    await broker.rabbitmqctl('set_vm_memory_high_watermark', '0.00001')
    const failure = { exit: 75, status: 'timeout', reason: /blocks publishers/ }
    await expectFailure(broker.socket.replace(/evi$/, queue), failure, '--reply-timeout', '800')
    await expectFailure(broker.socket.replace(/evi$/, queue), failure, '--reply-timeout', '800', '--sync')
    await broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
  })

  test('a full queue that rejects is reported by the confirm', async () => {
    const client = await Client.connect(broker.port)
    const queue = `q-${randomUUID()}`
    await client.channel.assertQueue(queue, {
      durable: false,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    })
    const socket = broker.socket.replace(/evi$/, queue)
    expect(await evi.run(['raise', 'E_X', '--sync', '--socket', socket])).toMatchObject({ code: 0 })
    await expectFailure(socket, { exit: 75, status: 'rejected', reason: /rejected the message/ }, '--sync')
    await client.close()
  })
})
