import { randomUUID } from 'node:crypto'
import type { ConsumeMessage } from 'amqplib'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { bodyOf } from '../../helpers/brokers/client.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import type { RunningEvi } from '../../helpers/evi/evi.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({})
useEvi()

interface Line {
  readonly socket: string
  readonly body: string
}

const socketsOf = (exchange: string, keys: readonly string[], login = 'guest:guest') =>
  keys.map((key) => `rabbitmq:${login}@127.0.0.1:${own.broker.port}/${exchange}?${encodeURIComponent(key)}`)

async function subscribe(sockets: readonly string[]): Promise<void> {
  const input = sockets.map((socket) => `E_MANY ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

async function watch(...words: string[]): Promise<RunningEvi> {
  const running = evi.start(['tail', ...words])
  await running.said('stderr', /Watching/)
  return running
}

/** The bodies that came to each socket, by its routing key. */
function bodiesByKey(output: string): Record<string, string[]> {
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const groups = Map.groupBy(lines, ({ socket }) => decodeURIComponent(socket.slice(socket.indexOf('?') + 1)))
  return Object.fromEntries([...groups].map(([key, some]) => [key, some.map(({ body }) => body)]))
}

async function queues(): Promise<readonly string[]> {
  const listed = await own.broker.rabbitmqctl('list_queues', '--quiet', '--no-table-headers', 'name')
  return listed.split('\n').filter((name) => name.startsWith('amq.gen'))
}

describe.each(['topic', 'direct', 'fanout', 'headers'])('sockets of one exchange of the type %s', (type) => {
  test('get the messages that RabbitMQ gives to a queue of each', async () => {
    const word = fc.constantFrom('a', 'b', '', '*', '#', 'ü')
    // RabbitMQ 4.3 allows two.
    const hasFewWildcards = (words: readonly string[]) => words.filter((one) => one === '#').length <= 2
    const key = fc
      .array(word, { minLength: 1, maxLength: 4 })
      .filter(hasFewWildcards)
      .map((words) => words.join('.'))
    const [patterns = [], published = []] = fc.sample(
      fc.uniqueArray(key, { minLength: 40, maxLength: 40 }),
      2,
    )
    const { channel } = own.client
    const exchange = `x-${type}`
    await channel.assertExchange(exchange, type)
    const expected: Record<string, string[]> = {}
    const references: string[] = []
    let complete = 0
    for (const pattern of patterns) {
      const queue = await own.client.queue()
      await channel.bindQueue(queue, exchange, pattern)
      const bodies: string[] = []
      expected[pattern] = bodies
      references.push(queue)
      const keep = (message: ConsumeMessage) =>
        message.fields.exchange === '' ? complete++ : bodies.push(bodyOf(message))
      await channel.consume(queue, (message) => message && keep(message), { noAck: true })
    }
    await subscribe(socketsOf(exchange, patterns))
    const tail = await watch('--json')
    for (const [at, routingKey] of [...published, ...patterns].entries()) {
      const CC = at % 3 === 0 ? [patterns[at % patterns.length] as string, 'a.b'] : []
      channel.publish(exchange, routingKey, Buffer.from(`body ${at}`), { CC, headers: { at } })
    }
    // The last one, which comes behind all others everywhere, is for the first socket.
    channel.publish(exchange, patterns[0] as string, Buffer.from('end'))
    await tail.said('stdout', /"end"/)
    // Behind all others in each of the queues, which are not in step.
    for (const queue of references) channel.sendToQueue(queue, Buffer.from('complete'))
    await expect.poll(() => complete).toBe(references.length)
    const total = Object.values(expected).flat().length
    await expect.poll(() => tail.stdout.split('\n').length - 1).toBe(total)
    process.kill(tail.pid as number, 'SIGINT')
    const some = Object.entries(expected).filter(([, bodies]) => bodies.length > 0)
    expect(bodiesByKey((await tail.ended).stdout)).toEqual(Object.fromEntries(some))
  })
})

test('many sockets of one exchange are watched by one queue, whatever the channels the user may have', async () => {
  const login = `few-${randomUUID()}`
  await addUser(own.broker, login, 's3cret')
  await own.broker.rabbitmqctl('set_user_limits', login, '{"max-channels":1}')
  const keys = Array.from({ length: 300 }, (_, at) => `k.${at}`)
  await subscribe(socketsOf('amq.topic', keys, `${login}:s3cret`))
  const tail = await watch('--json', '--count', '300')
  expect(await queues()).toHaveLength(1)
  for (const key of keys) own.client.channel.publish('amq.topic', key, Buffer.from(key))
  const { code, stdout } = await tail.ended
  expect(code).toBe(0)
  expect(bodiesByKey(stdout)).toEqual(Object.fromEntries(keys.map((key) => [key, [key]])))
})

test.each([1, 60])(
  '%i sockets of an exchange that is deleted are watched again once it is there',
  async (number) => {
    const keys = Array.from({ length: number }, (_, at) => `k.${at}`)
    const { channel } = own.client
    await channel.assertExchange('passing', 'topic', { durable: false })
    await subscribe([...socketsOf('passing', keys), ...socketsOf('amq.topic', ['other'])])
    const tail = await watch('--json')
    await channel.deleteExchange('passing')
    await tail.said('stderr', /✖ The watched exchange "passing" was deleted on the broker/)
    await tail.said('stderr', /There is no exchange "passing".* Trying again/)
    await tail.said('stderr', /Watching \S+\/amq.topic\?other again/)
    await channel.assertExchange('passing', 'topic', { durable: false })
    const last = keys.at(-1) as string
    await expect
      .poll(() => {
        channel.publish('passing', last, Buffer.from('back'))
        return tail.stdout
      })
      .toContain('"back"')
    channel.publish('amq.topic', 'other', Buffer.from('other'))
    await tail.said('stdout', /"other"/)
    process.kill(tail.pid as number, 'SIGINT')
    expect(Object.keys(bodiesByKey((await tail.ended).stdout))).toEqual([last, 'other'])
  },
)

describe('sockets that need a channel each', () => {
  const keys = Array.from({ length: 20 }, (_, at) => `own-${at}`)
  const publishToAll = () => {
    for (const key of keys) own.client.channel.publish('', key, Buffer.from(key))
  }

  test('are all watched where a connection has few', async () => {
    const exchanges = keys.map((key) => `${key}-exchange`)
    for (const name of exchanges) await own.client.channel.assertExchange(name, 'topic', { durable: false })
    const copies = exchanges.flatMap((exchange) => socketsOf(exchange, ['one', 'two']))
    await subscribe([...standIns(), ...copies])
    await own.broker.rabbitmqctl('eval', 'application:set_env(rabbit, channel_max, 8).')
    try {
      const tail = await watch('--json', '--count', '60')
      expect(tail.stderr).not.toMatch(/✖/)
      publishToAll()
      for (const name of exchanges) {
        for (const key of ['one', 'two']) own.client.channel.publish(name, key, Buffer.from(`${name} ${key}`))
      }
      const { code, stdout } = await tail.ended
      expect(code).toBe(0)
      expect(new Set(stdout.match(/"body":"[^"]+"/g))).toHaveLength(60)
    } finally {
      await own.broker.rabbitmqctl('eval', 'application:set_env(rabbit, channel_max, 2047).')
    }
  })

  test('are watched as far as the user may have channels, and the others as soon as there are more', async () => {
    const login = `few-${randomUUID()}`
    await addUser(own.broker, login, 's3cret')
    await own.broker.rabbitmqctl('set_user_limits', login, '{"max-channels":3}')
    await subscribe(standIns(`${login}:s3cret`))
    const tail = await watch('--json')
    const refusals = tail.stderr.match(/^✖.*$/gm)
    expect(refusals).toEqual([
      expect.stringMatching(/^✖ 1\d sockets cannot be watched, .*maximum allowed user limit/),
    ])
    await own.broker.rabbitmqctl('clear_user_limits', login, 'max-channels')
    const watched = () =>
      [...tail.stderr.matchAll(/Watching (\d+)? ?.*…|Now watching (\d+)? ?/g)]
        .map(([, first, later]) => Number(first ?? later ?? 1))
        .reduce((sum, number) => sum + number, 0)
    await expect.poll(watched, { timeout: 60_000 }).toBe(20)
    publishToAll()
    await expect.poll(() => tail.stdout.split('\n').length - 1).toBe(20)
    process.kill(tail.pid as number, 'SIGINT')
    expect(bodiesByKey((await tail.ended).stdout.replaceAll('/own', '/?own'))).toEqual(
      Object.fromEntries(keys.map((key) => [key, [key]])),
    )
  })

  const standIns = (login = 'guest:guest') =>
    keys.map((key) => `rabbitmq:${login}@127.0.0.1:${own.broker.port}/${key}`)
})

describe('a key that the user may not read among many', () => {
  const keys = Array.from({ length: 120 }, (_, at) => `k.${at}`)
  beforeEach(async () => {
    await addUser(own.broker, 'tess', 's3cret')
    await own.broker.rabbitmqctl('set_topic_permissions', 'tess', 'amq.topic', '.*', '^k\\.([0-9]|[0-9]{3})$')
    await subscribe(socketsOf('amq.topic', keys, 'tess:s3cret'))
  })

  test('is reported alone, and the others are watched', async () => {
    const tail = await watch('--json', '--count', '30')
    const refused = keys.filter((key) => /^k\.\d\d$/.test(key))
    expect(tail.stderr.match(/^✖.*$/gm)).toEqual([
      expect.stringMatching(
        /^✖ 90 sockets cannot be watched, such as \S+\?k\.10 \(E_MANY\): .*topic 'k\.10'/,
      ),
    ])
    for (const key of keys) own.client.channel.publish('amq.topic', key, Buffer.from(key))
    const others = keys.filter((key) => !refused.includes(key))
    expect(Object.keys(bodiesByKey((await tail.ended).stdout))).toEqual(others)
  })

  test('ends tail with --strict', async () => {
    expect(await evi.run(['tail', '--strict'])).toMatchObject({ code: 77, stdout: '' })
  })
})

test('a key with more wildcards than RabbitMQ 4.3 allows is reported alone, and the others are watched', async () => {
  await own.client.channel.assertExchange('wild', 'topic', { durable: false })
  await subscribe(socketsOf('wild', ['a', '#.x.#.y.#', 'b']))
  const tail = await watch('--json', '--count', '2')
  // Before 4.3 there is no limit.
  expect((tail.stderr.match(/^✖.*$/gm) ?? []).filter((line) => !/\?#\.x.*wildcards/.test(line))).toEqual([])
  for (const key of ['a', 'b']) own.client.channel.publish('wild', key, Buffer.from(key))
  expect(bodiesByKey((await tail.ended).stdout)).toEqual({ a: ['a'], b: ['b'] })
})

test('a message that came by a hidden routing key is shown with the one that it bears', async () => {
  await subscribe(socketsOf('amq.direct', ['one', 'two']))
  const tail = await watch('--json', '--count', '1')
  own.client.channel.publish('amq.direct', 'other', Buffer.from('hidden'), { BCC: ['two'] })
  expect(bodiesByKey((await tail.ended).stdout)).toEqual({ other: ['hidden'] })
})

test('of two exchanges, one that is missing is reported for its sockets, and the other is watched', async () => {
  await subscribe([...socketsOf('amq.direct', ['one', 'two']), ...socketsOf('missing', ['one', 'two'])])
  const tail = await watch('--json', '--count', '2')
  expect(tail.stderr.match(/✖ .*missing\?/g)).toHaveLength(2)
  for (const key of ['one', 'two']) own.client.channel.publish('amq.direct', key, Buffer.from(key))
  expect(bodiesByKey((await tail.ended).stdout)).toEqual({ one: ['one'], two: ['two'] })
})
