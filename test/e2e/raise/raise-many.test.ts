import { afterEach, beforeEach, expect, test } from 'vitest'
import { bodyOf } from '../../helpers/brokers/client.ts'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { Evi } from '../../helpers/evi/evi.ts'

const own = ownBroker({})
let evi: Evi
/** What came, by its routing key: the numbers of the events, in order. */
let arrived: Map<string, number[]>
let queue: string

beforeEach(async () => {
  evi = new Evi()
  arrived = new Map()
  const { channel } = own.client
  await channel.assertExchange('all', 'topic', { durable: false })
  queue = await own.client.queue()
  await channel.bindQueue(queue, 'all', '#')
  await channel.consume(queue, collect, { noAck: true })
})
afterEach(async () => {
  await own.client.channel.deleteQueue(queue)
  await evi.dispose()
})

type Received = Parameters<Parameters<typeof own.client.channel.consume>[1]>[0]

function collect(message: Received): void {
  if (!message) return
  const { routingKey } = message.fields
  arrived.set(routingKey, [...(arrived.get(routingKey) ?? []), JSON.parse(bodyOf(message)).params.n])
}

const place = () => own.address.slice(own.address.indexOf('@') + 1)
const events = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, index) => `{"jsonrpc":"2.0","method":"E_MANY","params":{"n":${from + index}}}\n`,
  ).join('')
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
/** A socket whose events are seen, by a routing key of its own. */
const good = (number: number, login = 'guest:guest') => `rabbitmq:${login}@${place()}/all?k${number}`

async function subscribe(sockets: readonly string[]): Promise<void> {
  const input = sockets.map((socket) => `E_MANY ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

/** Waits until each of the keys has had all of the events, once and in order. */
async function allArrived(keys: readonly string[], numbers: readonly number[]): Promise<void> {
  await expect
    .poll(() => [...arrived.values()].reduce((sum, one) => sum + one.length, 0))
    .toBeGreaterThanOrEqual(keys.length * numbers.length)
  for (const key of keys) expect([key, arrived.get(key)]).toEqual([key, numbers])
  expect([...arrived.keys()].sort()).toEqual([...keys].sort())
}

test('3000 subscribers of one broker each get every event of a stream and of a single raise', async () => {
  const numbers = upTo(3000)
  await subscribe(numbers.map((number) => good(number)))
  const { code, stderr } = await evi.run(['raise', '-', '--sync'], { input: events(0, 3) })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^✔ 3 read, 3 confirmed, 0 failed[^\n]*\n$/),
  })
  const single = await evi.run(['raise', 'E_MANY', '--sync', '--param', 'n:=3'])
  expect(single.code).toBe(0)
  expect(single.stdout.match(/^✔ .* {2}confirmed /gm)).toHaveLength(3000)
  await allArrived(
    numbers.map((number) => `k${number}`),
    [0, 1, 2, 3],
  )
})

test('one bad subscriber of each kind among 300 fails alone, and the others get each event once', async () => {
  const { channel } = own.client
  await channel.assertExchange('locked', 'topic', { durable: false })
  await channel.assertExchange('unbound', 'topic', { durable: false })
  await addUser(own.broker, 'narrow', 'narrow', ['^$', '^(all|nope|unbound|amq\\.default)$', '^$'])
  const bad = {
    '/nope?k': 'no-exchange',
    '/locked?k': 'refused',
    '/unbound?k': 'unroutable',
    '/no-such-queue': 'unroutable',
  }
  const sockets = upTo(300).map((number) => good(number, 'narrow:narrow'))
  for (const [index, route] of Object.keys(bad).entries())
    sockets.splice(index * 60 + 30, 0, `rabbitmq:narrow:narrow@${place()}${route}`)
  const closed = await closedPort()
  sockets.splice(100, 0, `rabbitmq:narrow:narrow@${place()}/vhost=none?k`)
  sockets.splice(150, 0, `rabbitmq:guest:wrong@${place()}/all?wrong`)
  sockets.splice(200, 0, `rabbitmq:guest:guest@127.0.0.1:${closed}/all?dead`)
  await subscribe(sockets)

  const { code, stdout } = await evi.run(['raise', '-', '--sync', '--json'], { input: events(0, 10) })
  expect(code).toBe(3)
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(documents.at(-1).summary).toMatchObject({ read: 10, failed: 10, unknown: 0, resent: 0 })
  expect(
    documents
      .slice(0, -1)
      .map(({ line }) => line)
      .sort((one, other) => one - other),
  ).toEqual(upTo(10).map((index) => index + 1))
  const expected = [...Object.values(bad), 'refused', 'refused', 'unreachable'].sort()
  for (const { results } of documents.slice(0, -1))
    expect(results.map(({ status }: { status: string }) => status).sort()).toEqual(expected)

  const single = await evi.run(['raise', 'E_MANY', '--sync', '--param', 'n:=10', '--json'])
  expect(single.code).toBe(3)
  const statuses = JSON.parse(single.stdout).results.map(({ status }: { status: string }) => status)
  expect(statuses.filter((status: string) => status !== 'confirmed').sort()).toEqual(expected)
  await allArrived(
    upTo(300).map((number) => `k${number}`),
    upTo(11),
  )
})

test('a routing key that is refused costs the others nothing, and what is sent twice is counted', async () => {
  await addUser(own.broker, 'keys', 'keys', ['^$', '.*', '^$'])
  await own.broker.rabbitmqctl('set_topic_permissions', 'keys', 'all', '^k', '^$')
  const sockets = upTo(300).map((number) => good(number, 'keys:keys'))
  sockets.splice(150, 0, `rabbitmq:keys:keys@${place()}/all?other`)
  await subscribe(sockets)
  const { code, stdout } = await evi.run(['raise', 'E_MANY', '--sync', '--param', 'n:=0', '--json'])
  const { results, resent } = JSON.parse(stdout)
  expect({
    code,
    failed: results.filter(({ status }: { status: string }) => status !== 'confirmed'),
  }).toEqual({
    code: 3,
    failed: [expect.objectContaining({ status: 'refused', mayHaveArrived: false })],
  })
  await expect.poll(() => arrived.size).toBe(300)
  const twice = [...arrived.values()].filter((numbers) => numbers.length > 1).length
  expect(twice).toBeLessThanOrEqual(resent)
  expect(arrived.has('other')).toBe(false)

  // What failed, what was sent again and the summary are the end of what a person reads, and all of it with --quiet.
  for (const words of [[], ['--quiet']]) {
    const { stdout } = await evi.run(['raise', 'E_MANY', '--sync', '--param', 'n:=1', ...words])
    const confirmed = stdout.match(/^✔ .* {2}confirmed /gm) ?? []
    expect(confirmed).toHaveLength(words.length === 0 ? 300 : 0)
    expect(stdout.slice(stdout.indexOf('✖'))).toMatch(
      /^✖ \S+\/all\?other {2}refused .*\n( {2}.*\n)+(! It was sent again to .*\n)?301 subscribers: 300 confirmed, 1 failed\n$/,
    )
  }
})

test('where half of the subscribers are bad, the good ones get each event once and the others are one line', async () => {
  const sockets = upTo(200).map((number) =>
    number % 2 === 0 ? good(number) : `rabbitmq:guest:guest@${place()}/gone${number}?k`,
  )
  await subscribe(sockets)
  const { code, stderr } = await evi.run(['raise', '-', '--sync'], { input: events(0, 5) })
  expect(code).toBe(3)
  expect(
    stderr.match(/✖ line \d: 100 subscribers {2}no-exchange\n {2}Such as .*: There is no exchange/g),
  ).toHaveLength(1)
  expect(stderr).not.toContain('sent again')
  const single = await evi.run(['raise', 'E_MANY', '--param', 'n:=5'])
  expect(single.stdout.match(/^✖ /gm)).toHaveLength(1)
  expect(single.stdout).toContain('✖ 100 subscribers  no-exchange')
  await allArrived(
    sockets.flatMap((_, number) => (number % 2 === 0 ? [`k${number}`] : [])),
    upTo(6),
  )
})

test('an exchange that is deleted in the middle of a stream costs the other subscribers nothing', async () => {
  const { channel } = own.client
  await channel.assertExchange('going', 'topic', { durable: false })
  const sink = await own.client.queue()
  await channel.bindQueue(sink, 'going', '#')
  const sockets = upTo(200).map((number) => good(number))
  sockets.splice(100, 0, `rabbitmq:guest:guest@${place()}/going?k`)
  await subscribe(sockets)
  const stream = evi.start(['raise', '-', '--sync', '--json', '--rate', '50'], {
    input: events(0, 100),
    open: true,
  })
  await expect.poll(() => arrived.get('k199')?.length ?? 0).toBeGreaterThan(20)
  await channel.deleteExchange('going')
  stream.endInput()
  const { code, stdout } = await stream.ended
  expect(code).toBe(3)
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { resent } = documents.at(-1).summary
  for (const { results } of documents.slice(0, -1))
    expect(results).toEqual([expect.objectContaining({ status: 'no-exchange' })])
  // Nothing is lost, and what came twice is counted.
  for (const number of upTo(200)) expect(new Set(arrived.get(`k${number}`))).toEqual(new Set(upTo(100)))
  const twice = new Set<number>()
  for (const numbers of arrived.values())
    for (const [index, number] of numbers.entries()) if (numbers.indexOf(number) < index) twice.add(number)
  expect(twice.size).toBeLessThanOrEqual(resent)
})

test.each([1, 2])(
  'a user that may open %i channels reaches 300 subscribers but for the bad ones',
  async (limit) => {
    const user = `few${limit}`
    await addUser(own.broker, user, user)
    await own.broker.rabbitmqctl('set_user_limits', user, JSON.stringify({ 'max-channels': limit }))
    const login = `${user}:${user}`
    const sockets = upTo(300).map((number) => good(number, login))
    // Each closes its channel, which RabbitMQ counts to the user's for a moment.
    const bad = 60
    for (const number of upTo(bad))
      sockets.splice(number * 5, 0, `rabbitmq:${login}@${place()}/gone${number}?k`)
    await subscribe(sockets)
    const { code, stdout, stderr } = await evi.run(['raise', '-', '--sync', '--json'], {
      input: events(0, 5),
    })
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    const { summary } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
    const start = performance.now()
    const single = await evi.run(['raise', 'E_MANY', '--sync', '--param', 'n:=5', '--json'])
    expect(single.code).toBe(3)
    // Each once took 200 ms.
    expect(performance.now() - start).toBeLessThan(200 * bad)
    const results: { socket: string; status: string; resent: boolean }[] = JSON.parse(single.stdout).results
    expect(results.filter(({ status }) => status === 'no-exchange')).toHaveLength(bad)
    expect(results.filter(({ status }) => status === 'confirmed')).toHaveLength(300)
    await expect.poll(() => [...arrived.values()].filter((numbers) => numbers.includes(5)).length).toBe(300)
    for (const [key, numbers] of arrived) expect([key, [...new Set(numbers)]]).toEqual([key, upTo(6)])
    // What came twice is counted: the lines of the stream, and the subscribers of the single raise.
    const resent = new Set(results.flatMap((one) => (one.resent ? [one.socket.split('?').at(-1)] : [])))
    const lines = new Set<number>()
    for (const [key, numbers] of arrived) {
      const twice = numbers.filter((number, index) => numbers.indexOf(number) < index)
      for (const number of twice.filter((number) => number < 5)) lines.add(number)
      if (twice.includes(5)) expect(resent).toContain(key)
    }
    expect(lines.size).toBeLessThanOrEqual(summary.resent)
  },
)

test('to look why half of 400 messages came back does not have the others sent twice, though the user may have two channels', async () => {
  await addUser(own.broker, 'two', 'two')
  await own.broker.rabbitmqctl('set_user_limits', 'two', '{"max-channels":2}')
  const queues = await Promise.all(upTo(200).map(() => own.client.queue()))
  const at = (queue: string) => `rabbitmq:two:two@${place()}/${queue}`
  await subscribe(queues.flatMap((queue, number) => [at(queue), at(`missing-${number}`)]))
  for (const number of upTo(8)) {
    const { stdout } = await evi.run(['raise', 'E_MANY', '--param', `n:=${number}`, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ sent: 200, returned: 200, resent: 0 })
  }
})

test('a broker that allows 8 channels on a connection takes a stream to 300 subscribers', async () => {
  await own.broker.rabbitmqctl('eval', 'application:set_env(rabbit, channel_max, 8).')
  try {
    await subscribe(upTo(300).map((number) => good(number)))
    const { code, stderr } = await evi.run(['raise', '-', '--sync'], { input: events(0, 10) })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^✔ 10 read, 10 confirmed, 0 failed[^\n]*\n$/),
    })
    await allArrived(
      upTo(300).map((number) => `k${number}`),
      upTo(10),
    )
  } finally {
    await own.broker.rabbitmqctl('eval', 'application:set_env(rabbit, channel_max, 2047).')
  }
})

test('200 logins of a host that says nothing take 64 connections, and all of them fail alike', async () => {
  let connections = 0
  const host = await serve(() => {
    connections++
  })
  try {
    await subscribe(upTo(200).map((number) => `rabbitmq:u${number}:secret@127.0.0.1:${host.port}/q`))
    const { code, stdout } = await evi.run(['raise', 'E_MANY', '--json', '--reply-timeout', '1s'])
    const results: { status: string; reason: string }[] = JSON.parse(stdout).results
    expect({ code, subscribers: results.length, connections }).toEqual({
      code: 69,
      subscribers: 200,
      connections: 64,
    })
    expect(new Set(results.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set([
        `unreachable 127.0.0.1:${host.port} accepts the connection but gave no AMQP reply within 1000 ms.`,
      ]),
    )
  } finally {
    await host.close()
  }
})

test('logins of one broker that are refused are one line with a count, and each of them has its own reason in JSON', async () => {
  const bad = upTo(20).map((number) => `rabbitmq:nosuch${number}:wrong@${place()}/all?k`)
  await subscribe([good(0), ...bad])
  const text = await evi.run(['raise', 'E_MANY', '--param', 'n:=0'])
  expect(text.code).toBe(3)
  expect(text.stdout.match(/^✖ .*$/gm)).toEqual([expect.stringMatching(/^✖ 20 subscribers {2}refused /)])
  expect(text.stdout).toContain('Such as rabbitmq:nosuch0@')
  const stream = await evi.run(['raise', '-', '--sync'], { input: events(1, 2) })
  expect(stream.stderr.match(/^✖ line .*$/gm)).toEqual(['✖ line 1: 20 subscribers  refused'])
  const json = await evi.run(['raise', 'E_MANY', '--param', 'n:=2', '--json'])
  const results: { status: string; reason: string }[] = JSON.parse(json.stdout).results
  const reasons = results.flatMap(({ status, reason }) => (status === 'refused' ? [reason] : []))
  expect(new Set(reasons).size).toBe(20)
  await allArrived(['k0'], [0, 1, 2])
})
