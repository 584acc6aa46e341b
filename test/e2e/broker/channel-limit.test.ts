import { randomUUID } from 'node:crypto'
import { connect } from 'amqplib'
import { expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { proxyThatCountsClosedChannels } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

useEvi()
useClient()
const own = ownBroker({})

/** What a user does who may have one channel; RabbitMQ counts one that was closed for a while. */
test.for<[what: string, queueIs: 'stood in for' | 'there' | 'made', words: readonly string[]]>([
  ['tail stands in for a queue', 'stood in for', ['tail', '--timeout', '100ms', '--socket']],
  ['tail --peek looks into a queue', 'there', ['tail', '--peek', '--socket']],
  ['declare makes a queue', 'made', ['declare', '--yes']],
])('%s though the user may have one channel, which was closed just before', async ([, queueIs, words]) => {
  const queue = `narrow-${randomUUID()}`
  if (queueIs === 'there') await client.queue(queue)
  const way = await proxyThatCountsClosedChannels()
  try {
    const { code, stderr } = await evi.run([...words, `rabbitmq:127.0.0.1:${way.port}/${queue}`])
    expect(stderr).not.toMatch(/Warning|evi: /)
    expect(code).toBe(0)
  } finally {
    await way.close()
    // A busy broker may not have let go of the queue that stood in.
    if (queueIs !== 'stood in for') await client.channel.deleteQueue(queue)
  }
})

/** A user who may have one channel, and a program that has it. */
async function takenChannel() {
  const { broker } = own
  const user = `single-${randomUUID()}`
  await addUser(broker, user, 's3cret')
  await broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
  const login = { hostname: broker.host, port: broker.port, username: user, password: 's3cret' }
  const other = await connect(login)
  await other.createChannel()
  return { address: own.address.replace('guest:guest', `${user}:s3cret`), free: () => other.close() }
}

test.for([
  ['raises', ['raise', 'E_X', '--sync']],
  ['raises and verifies', ['raise', 'E_X', '--verify']],
  ['checks', ['check']],
] as const)(
  'evi %s 30 sockets of a user whose only channel another program has for 1.5 s',
  async ([, words]) => {
    const { address, free } = await takenChannel()
    const queue = await own.client.queue()
    const sockets = Array.from({ length: 30 }, () => ['--socket', `${address}/${queue}`])
    setTimeout(() => void free(), 1500)
    const { code, stdout } = await evi.run([...words, ...sockets.flat()])
    expect(stdout).not.toContain('✖')
    expect(code).toBe(0)
  },
)

test('tail waits for the channel of a user whose only one another program has for 1.5 s', async () => {
  const { address, free } = await takenChannel()
  const tail = ['tail', '--timeout', '100ms', '-s', `${address}/narrow-${randomUUID()}`]
  setTimeout(() => void free(), 1500)
  const { code, stderr } = await evi.run(tail)
  expect(stderr).toMatch(/^No queue .*\nWatching .*\nSeen in .*\n$/)
  expect(code).toBe(0)
})

test('tail of two logins, whose only channels other programs keep, ends with one error after the time for a reply', async () => {
  const users = [await takenChannel(), await takenChannel()]
  const sockets = users.flatMap(({ address }, at) => ['-s', `${address}/q${at}`, '-s', `${address}/p${at}`])
  const { code, stderr, ms } = await evi.run(['tail', '--reply-timeout', '1s', ...sockets])
  expect(ms).toBeGreaterThan(1000)
  expect(ms).toBeLessThan(5000)
  expect(stderr.match(/^evi: None of the 4 sockets can be watched\.$/gm)).toHaveLength(1)
  expect(stderr).not.toContain('Trying again')
  expect(code).toBe(69)
  await Promise.all(users.map(({ free }) => free()))
})

test('tail of more exchanges than its user may have channels says what it begins to watch, and each reason once', async () => {
  const { address, free } = await takenChannel()
  const few = [`${address}/amq.topic?a`, `${address}/amq.fanout?b`]
  const sockets = [`${own.address}/amq.topic?c`, ...few].flatMap((socket) => ['-s', socket])
  const tail = evi.start(['tail', ...sockets])
  await tail.said('stderr', /^Watching /m)
  await free()
  await tail.said('stderr', /Now watching/)
  const { code, stderr } = await tail.kill('SIGINT')
  expect(code).toBe(0)
  const printed = few.map((socket) => socket.replace(':s3cret', ''))
  expect(stderr.trimEnd().split('\n').slice(1)).toEqual([
    expect.stringMatching(/^✖ \S+amq\.topic\?a: .* limit of .*1.* Trying again in /),
    `✖ ${printed[1]}: the same.`,
    expect.stringMatching(/^ {2}Close other channels, /),
    expect.stringMatching(/^Watching \S+amq\.topic\?c …$/),
    `✔ Now watching ${printed[0]}.`,
    expect.stringMatching(/^Seen in .*: no events, 1 of 3 sockets not watched at the end\.$/),
    expect.stringMatching(/^ {2}\S+ +no events$/),
    expect.stringMatching(/^ {2}\S+ +no events$/),
    expect.stringMatching(/^ {2}\S+ +not watched$/),
  ])
})

test('Ctrl-C ends a tail at once that waits on a terminal for a channel of its user, and says so', async () => {
  const { address, free } = await takenChannel()
  const words = ['tail', '-n', '1', '--reply-timeout', '60s', '-s', `${address}/q`]
  await using terminal = new Terminal(evi, words)
  await terminal.shows(`Waiting up to 60 s for each reply of 127.0.0.1:${own.broker.port} …`)
  const start = performance.now()
  terminal.type(keys.interrupt)
  expect(await terminal.ended()).toBe(130)
  expect(performance.now() - start).toBeLessThan(2000)
  await free()
})

test('a raise to 30 subscribers of a user whose only channel another program keeps fails as one, in the time for a reply', async () => {
  const { address, free } = await takenChannel()
  const sockets = Array.from({ length: 30 }, (_, number) => ['--socket', `${address}/q${number}`])
  const start = performance.now()
  const { code, stdout } = await evi.run(['raise', 'E_X', '--reply-timeout', '1s', ...sockets.flat()])
  // Each once took 200 ms, in turn.
  expect(performance.now() - start).toBeLessThan(5000)
  expect(code).toBe(69)
  expect(stdout).toMatch(/^✖ 30 subscribers {2}unreachable .*\n {2}The connection .* limit of .*1/)
  await free()
})

test('a stream of a user whose only channel another program has says so once, waits, and is not connected before it has it', async () => {
  const { address, free } = await takenChannel()
  const stream = evi.start(['raise', '-', '--sync', '-s', `${address}/${await own.client.queue()}`], {
    input: '{"jsonrpc":"2.0","method":"E_X"}\n',
  })
  await stream.said('stderr', /Trying again in 0\.5 s/)
  // Long enough for two more attempts.
  setTimeout(() => void free(), 2000)
  const { code, stderr } = await stream.ended
  const lines = stderr.trimEnd().split('\n')
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      expect.stringMatching(
        /^✖ The connection to \S+ was lost: .* limit of .*1.*\. Trying again in 0\.5 s\.$/,
      ),
      expect.stringMatching(/^✖ The connection to \S+ was lost … \((?:once|\d times) more\)$/),
      expect.stringMatching(/^✔ Connected to \S+ after [\d.]+ s\.$/),
      expect.stringMatching(/^✔ 1 read, 1 confirmed, 0 failed /),
    ],
  })
})

test('a stream of a user whose only channel another program keeps says why once, and what was tried before what failed', async () => {
  const { address, free } = await takenChannel()
  const socket = `${address}/q`.replace(':s3cret', '')
  const { code, stderr } = await evi.run(['raise', '-', '--retry-for', '3s', '-s', `${address}/q`], {
    input: '{"jsonrpc":"2.0","method":"E_X"}\n'.repeat(3),
  })
  expect({ code, lines: stderr.trimEnd().split('\n') }).toEqual({
    code: 69,
    lines: [
      expect.stringMatching(
        /^✖ The connection to \S+ was lost: .* limit of .*1.*\. Trying again in 0\.5 s\.$/,
      ),
      expect.stringMatching(/^✖ The connection to \S+ was lost … \(\d times more\)$/),
      `✖ line 1: ${socket}  unreachable`,
      expect.stringMatching(/^ {2}Close other channels, or raise the limit; /),
      `✖ lines 2 to 3: ${socket}  unreachable`,
      expect.stringMatching(/^✖ 3 read, 0 sent, 3 failed /),
    ],
  })
  await free()
})

test('a stream to three vhosts by a user who may have one channel takes turns', async () => {
  const { broker } = own
  const user = `turns-${randomUUID()}`
  await addUser(broker, user, 's3cret')
  await broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
  const vhosts = ['a', 'b', 'c'].map((name) => `${name}-${randomUUID()}`)
  for (const vhost of vhosts) {
    await broker.rabbitmqctl('add_vhost', vhost)
    await broker.rabbitmqctl('set_permissions', '-p', vhost, user, '.*', '.*', '.*')
  }
  const login = `rabbitmq:${user}:s3cret@${broker.host}:${broker.port}`
  const subscriptions = vhosts.flatMap((vhost) =>
    Array.from({ length: 30 }, (_, number) => `E_TURNS ${login}/vhost=${vhost}?q${number}\n`),
  )
  await evi.run(['subscribe', '--batch', '-'], { input: subscriptions.join('') })
  expect(await evi.run(['declare', 'E_TURNS', '--yes'])).toMatchObject({ code: 0 })
  const input = '{"jsonrpc":"2.0","method":"E_TURNS"}\n'.repeat(20)
  const { code, stderr } = await evi.run(['raise', '-', '--sync'], { input })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^✔ 20 read, 20 confirmed, 0 failed; 1,800 of 1,800 deliveries confirmed .*\n$/,
    ),
  })
})
