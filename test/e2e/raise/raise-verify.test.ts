import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })

useEvi()

interface Result {
  readonly status: string
  readonly reason: string | null
  readonly hint: string | null
  readonly verified: { readonly by: string; readonly ms: number; readonly route: string | null } | null
}

async function verify(
  sockets: readonly string[],
  ...flags: string[]
): Promise<{ code: number | null; results: Result[] }> {
  const words = ['raise', 'E_X', '--param', 'a=1', '--verify', '--json', ...flags]
  const { code, stdout } = await evi.run([...words, ...sockets.flatMap((socket) => ['--socket', socket])])
  return { code, results: JSON.parse(stdout).results }
}

const payload = '{"jsonrpc":"2.0","method":"E_X","params":{"a":"1"}}'
const bodiesIn = async (queue: string) =>
  (await own.client.take(queue)).map(({ content }) => content.toString())
const queuesOfBroker = async () => await own.broker.rabbitmqctl('-q', 'list_queues', 'name')

test('an event is raised once, and the confirm of a queue is the proof', async () => {
  const [exchange, queue] = [await own.client.exchange('topic'), await own.client.queue()]
  await own.client.channel.bindQueue(queue, exchange, 'sip.#')
  const before = await queuesOfBroker()
  const { code, results } = await verify([`${own.address}/${exchange}?sip.pike`])
  expect({ code, results }).toMatchObject({
    code: 0,
    results: [{ status: 'confirmed', verified: { by: 'confirm', ms: expect.any(Number), route: null } }],
  })
  expect(await bodiesIn(queue)).toEqual([payload])
  expect(await queuesOfBroker()).toBe(before)
})

test('on the default exchange it is routed to its queue and confirmed, and is not looked into', async () => {
  const queue = await own.client.queue()
  const { code, results } = await verify([`${own.address}/${queue}`])
  expect({ code, results }).toMatchObject({
    code: 0,
    results: [{ verified: { by: 'confirm', route: null } }],
  })
  expect(await bodiesIn(queue)).toEqual([payload])
})

test('each subscriber has its own proof, and one that fails stops no other', async () => {
  const [exchange, queue] = [await own.client.exchange('fanout'), await own.client.queue()]
  await own.client.channel.bindQueue(queue, exchange, '')
  const nowhere = `nowhere-${randomUUID()}`
  const { code, results } = await verify([
    `${own.address}/${exchange}?k`,
    `${own.address}/${nowhere}?k`,
    `${own.address}/${queue}`,
    `${own.address}/${nowhere}`,
  ])
  expect(code).toBe(3)
  expect(results).toMatchObject([
    { status: 'confirmed', verified: { by: 'confirm' } },
    { status: 'no-exchange', verified: null },
    { status: 'confirmed', verified: { by: 'confirm' } },
    { status: 'unroutable', verified: null },
  ])
})

test('in words, the proof stands below the subscriber', async () => {
  const queue = await own.client.queue()
  await own.client.channel.bindQueue(queue, 'amq.topic', 'k')
  const words = [
    'raise',
    'E_X',
    '--verify',
    '--socket',
    `${own.address}/amq.topic?k`,
    '--socket',
    `${own.address}/${queue}`,
  ]
  const { code, stdout, stderr } = await evi.run(words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /✔ \S+amq.topic\?k +verified +.+ ms\n {2}The exchange "amq.topic" routed it to a queue at least, which confirmed it after .+ ms; /,
  )
  expect(stdout).toMatch(new RegExp(`Routed to the queue "${queue}" and confirmed after .+ ms\\.\n`))
})

describe('with the management API', () => {
  const management = () => ['--management', String(own.broker.managementUrl)]

  test('the queues that take it are named', async () => {
    const [exchange, queue] = [await own.client.exchange('topic'), await own.client.queue()]
    await own.client.channel.bindQueue(queue, exchange, 'sip.#')
    const { code, results } = await verify([`${own.address}/${exchange}?sip.pike`], ...management())
    expect({ code, route: results[0]?.verified?.route }).toEqual({
      code: 0,
      route: `topic: queue ${queue}, 0 consumers`,
    })
  })

  test('a copy comes out of an exchange that has no alternate', async () => {
    const [exchange, queue] = [await own.client.exchange('topic'), await own.client.queue()]
    await own.client.channel.bindQueue(queue, exchange, 'sip.#')
    const before = await queuesOfBroker()
    const { results } = await verify([`${own.address}/${exchange}?sip.pike`], ...management())
    expect(results).toMatchObject([{ status: 'confirmed', verified: { by: 'copy' } }])
    expect(await bodiesIn(queue)).toEqual([payload])
    expect(await queuesOfBroker()).toBe(before)
  })

  test('the events of others are no proof', async () => {
    const [exchange, queue] = [await own.client.exchange('topic'), await own.client.queue()]
    await own.client.channel.bindQueue(queue, exchange, 'k')
    const other = setInterval(
      () => own.client.channel.publish(exchange, 'k', Buffer.from('{"other":true}')),
      1,
    )
    try {
      const { code, results } = await verify([`${own.address}/${exchange}?k`], ...management())
      expect({ code, results }).toMatchObject({ code: 0, results: [{ verified: { by: 'copy' } }] })
    } finally {
      clearInterval(other)
    }
  })

  test("an exchange without a queue is not hidden by evi's own", async () => {
    const exchange = await own.client.exchange('topic')
    expect(await verify([`${own.address}/${exchange}?sip`], ...management())).toMatchObject({
      code: 5,
      results: [{ status: 'unroutable', verified: null }],
    })
  })
})

describe('an alternate exchange gets the event, as evi binds nothing', () => {
  const alternatives = [
    ['of an argument', { argument: true, flags: () => [] }],
    ['of an argument, with the management API', { argument: true, flags: () => managementFlags() }],
    ['of a policy', { argument: false, flags: () => [] }],
    ['of a policy, with the management API', { argument: false, flags: () => managementFlags() }],
  ] as const
  test.each(alternatives)('%s', async (_, { argument, flags }) => {
    const { main, queue } = await alternate(argument)
    const { code, results } = await verify([`${own.address}/${main}?k`], ...flags())
    expect({ code, results }).toMatchObject({ code: 0, results: [{ verified: { by: 'confirm' } }] })
    expect(await bodiesIn(queue)).toEqual([payload])
  })
})

const managementFlags = () => ['--management', String(own.broker.managementUrl)]

/** For users who may not ask the management API. */
function managementOfGuest(): readonly string[] {
  const url = Object.assign(new URL(String(own.broker.managementUrl)), {
    username: 'guest',
    password: 'guest',
  })
  return ['--management', String(url)]
}

/** An exchange without bindings, whose alternate leads to the queue. */
async function alternate(argument: boolean): Promise<{ main: string; queue: string }> {
  const [other, queue, main] = [
    await own.client.exchange('fanout'),
    await own.client.queue(),
    `main-${randomUUID()}`,
  ]
  await own.client.channel.bindQueue(queue, other, '')
  await own.client.channel.assertExchange(main, 'topic', {
    durable: false,
    ...(argument ? { alternateExchange: other } : {}),
  })
  if (!argument) {
    const definition = JSON.stringify({ 'alternate-exchange': other })
    await own.broker.rabbitmqctl('set_policy', '--apply-to', 'exchanges', main, `^${main}$`, definition)
  }
  return { main, queue }
}

test('without the permission to declare a queue nothing is raised where one would be bound, and why is said', async () => {
  const queue = await own.client.queue()
  await own.client.channel.bindQueue(queue, 'amq.topic', 'permitted')
  await addUser(own.broker, 'erin', 's3cret', ['^$', '.*', '.*'])
  const { code, results } = await verify(
    [`rabbitmq:erin:s3cret@${own.broker.host}:${own.broker.port}/amq.topic?permitted`],
    ...managementOfGuest(),
  )
  expect(code).toBe(77)
  expect(results).toMatchObject([
    {
      status: 'refused',
      reason: expect.stringContaining('The event was not raised.'),
      hint: expect.stringContaining('set_permissions erin'),
    },
  ])
  expect(await bodiesIn(queue)).toEqual([])
})

describe('a user who may have one channel', () => {
  const address = async () => {
    const user = `single-${randomUUID()}`
    await addUser(own.broker, user, 's3cret')
    await own.broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
    return own.address.replace('guest:guest', `${user}:s3cret`)
  }

  test('learns of each missing exchange that it is missing', async () => {
    const [login, queue] = [await address(), await own.client.queue()]
    const missing = Array.from({ length: 12 }, (_, number) => `${login}/nowhere-${number}?k`)
    const { code, results } = await verify([...missing, `${login}/${queue}`])
    expect(code).toBe(3)
    expect(results.map(({ status }) => status)).toEqual([...missing.map(() => 'no-exchange'), 'confirmed'])
    expect(await bodiesIn(queue)).toEqual([payload])
  })

  test('gets no copies, as they take channels, and the queues are named all the same', async () => {
    const [login, exchange, queue] = [
      await address(),
      await own.client.exchange('topic'),
      await own.client.queue(),
    ]
    await own.client.channel.bindQueue(queue, exchange, 'sip.#')
    const sockets = Array.from({ length: 12 }, (_, number) => `${login}/${exchange}?sip.${number}`)
    const { code, results } = await verify(sockets, ...managementOfGuest())
    expect(code).toBe(0)
    for (const { verified } of results)
      expect(verified).toMatchObject({ by: 'confirm', route: `topic: queue ${queue}, 0 consumers` })
    expect(await bodiesIn(queue)).toEqual(sockets.map(() => payload))
  })
})

test.each(['--dry-run', '--no-sync'])('does not go with %s', async (flag) => {
  expect(await evi.run(['raise', 'E_X', '--verify', flag, '--socket', `${own.address}/q`])).toMatchObject({
    code: 64,
    stdout: '',
  })
})
