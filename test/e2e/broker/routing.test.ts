import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { route } from '#lib/domain/routing/route.ts'
import { ManagementBudget } from '#lib/management/budget.ts'
import { ManagementApi } from '#lib/management/management-api.ts'
import { topologyBehind } from '#lib/services/check/topology.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'

const own = ownBroker({ management: true })
let management: ManagementApi
beforeAll(async () => {
  management = new ManagementApi(
    { url: new URL(String(own.broker.managementUrl)), user: 'guest', password: 'guest' },
    { replyTimeout: 5000, budget: new ManagementBudget(60_000) },
  )
})

const keys = ['', 'a', 'b', 'a.b', 'a.b.c', 'b.a', 'c', 'a..b', 'a.', '.']

test('where RabbitMQ takes a message is where evi says it goes', async () => {
  const { channel } = own.client
  const name = (what: string) => `${what}-${randomUUID()}`
  const [start, fan, direct, spare, byPolicy] = ['start', 'fan', 'direct', 'spare', 'policy'].map(name) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const last = name('last')
  await channel.assertExchange(spare, 'topic', {
    durable: false,
    arguments: { 'alternate-exchange': byPolicy },
  })
  await channel.assertExchange(start, 'topic', { durable: false, alternateExchange: spare })
  await channel.assertExchange(fan, 'fanout', { durable: false })
  await channel.assertExchange(direct, 'direct', { durable: false })
  await channel.assertExchange(byPolicy, 'direct', { durable: false })
  await channel.assertExchange(last, 'fanout', { durable: false })
  await own.broker.rabbitmqctl(
    'set_policy',
    'spare',
    `^${byPolicy}$`,
    JSON.stringify({ 'alternate-exchange': last }),
    '--apply-to',
    'exchanges',
  )
  await channel.bindExchange(fan, start, 'a.#')
  await channel.bindExchange(direct, fan, '')
  await channel.bindExchange(start, direct, 'a.b')
  const queues = await Promise.all(
    ['one', 'two', 'three', 'four', 'five', 'six'].map((what) => own.client.queue(name(what))),
  )
  const [one, two, three, four, five, six] = queues as [string, string, string, string, string, string]
  await channel.bindQueue(one, start, '*.b')
  await channel.bindQueue(two, start, 'a.*.#')
  await channel.bindQueue(three, direct, 'a.b')
  await channel.bindQueue(four, spare, 'c.#')
  await channel.bindQueue(five, byPolicy, 'b')
  await channel.bindQueue(six, last, 'whatever')

  const topology = await topologyBehind(management, '/', start)
  const real: Record<string, string[]> = {}
  const judged: Record<string, string[]> = {}
  for (const routingKey of keys) {
    channel.publish(start, routingKey, Buffer.from('x'))
    await channel.prefetch(0)
    const arrived: string[] = []
    for (const queue of queues) if ((await own.client.take(queue)).length > 0) arrived.push(queue)
    real[routingKey] = arrived.toSorted()
    judged[routingKey] = route(topology, { exchange: start, routingKey, headers: {} })
      .queues.map((queue) => queue.name)
      .toSorted()
  }
  expect(judged).toEqual(real)
  expect(new Set(Object.values(real).flat()).size).toBe(queues.length)
})

const wantedHeaders: readonly Record<string, unknown>[] = [
  {},
  { a: 1 },
  { a: '1' },
  { a: null },
  { a: true, b: 'x' },
  { 'x-match': 'all', a: 1, b: 'x' },
  { 'x-match': 'any', a: 1, b: 'x' },
  { 'x-match': 'any' },
  { 'x-match': 'any', 'x-c': 1 },
  { 'x-match': 'all', 'x-c': 1 },
  { 'x-match': 'any-with-x', a: 2, 'x-c': 1 },
  { 'x-match': 'all-with-x', a: 1, 'x-c': 1 },
  { 'x-match': 'any-with-x' },
  { a: { b: 1 } },
  { a: [1] },
]
const givenHeaders: readonly Record<string, unknown>[] = [
  {},
  { a: 1 },
  { a: '1' },
  { a: true },
  { a: null },
  { a: 1, b: 'x' },
  { a: 2, b: 'x' },
  { 'x-c': 1 },
  { a: 1, 'x-c': 1 },
  { a: 1.5 },
  { a: { b: 1 } },
  { a: [1] },
]

test("a headers exchange takes what RabbitMQ's takes", async () => {
  const { channel } = own.client
  const exchange = `headers-${randomUUID()}`
  await channel.assertExchange(exchange, 'headers', { durable: false })
  const queues = await Promise.all(wantedHeaders.map(() => own.client.queue()))
  for (const [at, queue] of queues.entries()) await channel.bindQueue(queue, exchange, '', wantedHeaders[at])
  const topology = await topologyBehind(management, '/', exchange)
  for (const headers of givenHeaders) {
    channel.publish(exchange, 'k', Buffer.from('x'), { headers })
    await channel.prefetch(0)
    const real: string[] = []
    for (const queue of queues) if ((await own.client.take(queue)).length > 0) real.push(queue)
    const judged = route(topology, { exchange, routingKey: 'k', headers }).queues.map(({ name }) => name)
    const wanted = (names: readonly string[]) =>
      wantedHeaders.filter((_, at) => names.includes(String(queues[at])))
    expect({ headers, taken: wanted(judged) }).toEqual({ headers, taken: wanted(real) })
  }
})
