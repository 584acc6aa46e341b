import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectAmqp } from 'amqplib'
import { beforeEach, describe, expect, test } from 'vitest'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })
useEvi()

interface Checked {
  readonly socket: string
  readonly steps: readonly { readonly step: string; readonly status: string; readonly code?: string }[]
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const place = () => `127.0.0.1:${own.broker.port}`

async function subscribe(sockets: readonly string[]): Promise<void> {
  const input = sockets.map((socket) => `E_MANY ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

/** What came of the step, by the socket's route. */
async function statusesOf(step: string, ...words: string[]): Promise<Record<string, string | undefined>> {
  const { checks } = await evi.json<{ checks: readonly Checked[] }>('check', ...words)
  return Object.fromEntries(
    checks.map(({ socket, steps }) => [
      socket.slice(socket.lastIndexOf('/') + 1),
      steps.find((one) => one.step === step)?.status,
    ]),
  )
}

/** A way to the management API that counts the requests, each of which has a connection of its own. */
async function countingManagement() {
  let requests = 0
  const { port } = new URL(String(own.broker.managementUrl))
  const server = await serve((connection) => {
    requests++
    const further = connect(Number(port), '127.0.0.1').on('error', () => connection.destroy())
    connection.pipe(further).pipe(connection)
  })
  return { url: `http://127.0.0.1:${server.port}`, requests: () => requests, close: () => server.close() }
}

async function withChannelMax(most: number, action: () => Promise<void>): Promise<void> {
  await own.broker.rabbitmqctl('eval', `application:set_env(rabbit, channel_max, ${most}).`)
  try {
    await action()
  } finally {
    await own.broker.rabbitmqctl('eval', 'application:set_env(rabbit, channel_max, 2047).')
  }
}

describe('a check of 400 sockets', () => {
  const hasQueue = (number: number) => number % 2 === 0
  const hasExchange = (number: number) => number % 10 !== 7
  const expected = (whole: string) => (number: number) => (hasQueue(number) ? whole : 'failed')

  beforeEach(async () => {
    const { channel } = own.client
    for (const number of upTo(200).filter(hasQueue)) await own.client.queue(`check-${number}`)
    for (const number of upTo(100).filter(hasExchange)) {
      await channel.assertExchange(`check-${number}`, number % 3 === 0 ? 'direct' : 'topic')
      if (hasQueue(number)) await channel.bindQueue('check-0', `check-${number}`, `k.${number}`)
    }
    await subscribe([
      ...upTo(200).map((number) => `rabbitmq:guest:guest@${place()}/check-${number}`),
      ...upTo(100).map((number) => `rabbitmq:guest:guest@${place()}/check-${number}?k.${number}`),
      ...upTo(100).map((number) => `rabbitmq:guest:guest@${place()}/check-${number}?k.${number}.other`),
    ])
  })

  test('reports each of them on its own, half of them bad', async () => {
    const queues = await statusesOf('queue')
    for (const number of upTo(200))
      expect([number, queues[`check-${number}`]]).toEqual([number, expected('warning')(number)])
    const exchanges = await statusesOf('exchange')
    for (const number of upTo(100)) {
      const status = hasExchange(number) ? 'passed' : 'failed'
      expect([number, exchanges[`check-${number}?k.${number}`]]).toEqual([number, status])
    }
  })

  test('asks the management API a few times, and judges each route by its own bindings', async () => {
    const management = await countingManagement()
    const routes = await statusesOf('route', '--management', management.url)
    for (const number of upTo(100).filter(hasExchange)) {
      const route = `check-${number}?k.${number}`
      expect([route, routes[route]]).toEqual([route, expected('warning')(number)])
      expect([route, routes[`${route}.other`]]).toEqual([route, 'failed'])
    }
    expect(management.requests()).toBeLessThan(100)
    await management.close()
  })
})

test('a user who may have one channel can check many sockets', async () => {
  const user = `few-${randomUUID()}`
  await addUser(own.broker, user, 's3cret')
  await own.broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
  await subscribe(upTo(30).map((number) => `rabbitmq:${user}:s3cret@${place()}/amq.topic?k.${number}`))
  const published = await statusesOf('publish')
  expect(new Set(Object.values(published))).toEqual(new Set(['passed']))
  expect(Object.keys(published)).toHaveLength(30)
})

test('a check goes on after another program had the only channel of its user for a moment', async () => {
  const user = `few-${randomUUID()}`
  await addUser(own.broker, user, 's3cret')
  await own.broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
  const number = 100
  await withChannelMax(8, async () => {
    // A missing exchange costs a channel each, so the other program gets its turn.
    await subscribe(upTo(number).map((each) => `rabbitmq:${user}:s3cret@${place()}/gone-${each}?k`))
    const checking = evi.json<{ checks: readonly Checked[] }>('check')
    let isOver = false
    void checking.finally(() => {
      isOver = true
    })
    let turns = 0
    const login = { hostname: '127.0.0.1', port: own.broker.port, username: user, password: 's3cret' }
    while (!isOver && turns < 2) {
      await sleep(100)
      const other = await connectAmqp(login)
      other.on('error', () => {})
      const channel = await other.createChannel().catch(() => undefined)
      if (!channel) continue
      turns++
      await sleep(150)
      await other.close()
    }
    const { checks } = await checking
    expect(turns).toBeGreaterThan(0)
    const failures = checks.flatMap(({ steps }) => steps.flatMap(({ code }) => code ?? []))
    expect(failures).toEqual(upTo(number).map(() => 'no-exchange'))
  })
})

test('a user who may have one channel can probe many sockets', async () => {
  const user = `few-${randomUUID()}`
  await addUser(own.broker, user, 's3cret')
  await own.broker.rabbitmqctl('set_user_limits', user, '{"max-channels":1}')
  for (const number of upTo(10)) await own.client.queue(`probe-${number}`)
  await subscribe(upTo(10).map((number) => `rabbitmq:${user}:s3cret@${place()}/probe-${number}`))
  const probed = await statusesOf('probe', '--probe')
  expect(Object.values(probed)).toEqual(upTo(10).map(() => 'passed'))
  for (const number of upTo(10))
    expect((await own.client.channel.checkQueue(`probe-${number}`)).messageCount).toBe(1)
})

test('a route to more queues than there are channels is looked at all the same', async () => {
  const { channel } = own.client
  await channel.assertExchange('wide', 'fanout')
  for (const number of upTo(15)) await channel.bindQueue(await own.client.queue(`wide-${number}`), 'wide', '')
  await withChannelMax(8, async () => {
    await subscribe(upTo(20).map((number) => `rabbitmq:guest:guest@${place()}/wide?k.${number}`))
    const words = ['--management', String(own.broker.managementUrl)]
    const routes = await statusesOf('route', ...words)
    expect(new Set(Object.values(routes))).toEqual(new Set(['warning']))
    expect(new Set(Object.values(await statusesOf('publish', ...words)))).toEqual(new Set(['passed']))
  })
})

test('many sockets of a user whose login is refused are one line', async () => {
  await subscribe(upTo(60).map((number) => `rabbitmq:stranger:s3cret@${place()}/q${number}`))
  const { code, stdout } = await evi.run(['check', '--failed'])
  expect(code).toBe(77)
  expect(stdout).toContain(`✖ 60 sockets such as rabbitmq:stranger@${place()}/q0`)
  expect(stdout.split('\n').length).toBeLessThan(15)
})
