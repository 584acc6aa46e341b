import type { Socket } from 'node:net'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply, replyRows, withoutCodeName } from '#lib/broker/errors/broker-replies.ts'
import { replyTemplate } from '#lib/broker/errors/reply-template.ts'
import { type Sandbox, startSandbox } from '#lib/sandbox/sandbox.ts'

let broker: Sandbox
/** A name with all that a quotation, a permission's pattern or a shell could take for its own. */
const odd = "ü'x.y (z)' in vhost '"
const everything = ['.*', '.*', '.*'] as const
const nothing = ['^$', '^$', '^$'] as const

beforeAll(async () => {
  broker = await startSandbox({ management: true, config: ['max_message_size = 1000'] })
  const { rabbitmqctl } = broker
  const permissions: Readonly<Record<string, readonly string[]>> = {
    bare: nothing,
    [odd]: nothing,
    writer: ['^$', '.*', '^$'],
    topical: everything,
    narrow: everything,
    lone: everything,
  }
  await rabbitmqctl('add_user', 'stranger', 's3cret')
  for (const [user, patterns] of Object.entries(permissions)) {
    await rabbitmqctl('add_user', user, 's3cret')
    await rabbitmqctl('set_permissions', user, ...patterns)
  }
  await rabbitmqctl('set_topic_permissions', 'topical', 'amq.topic', '^x$', '^x$')
  await rabbitmqctl('set_user_limits', 'narrow', '{"max-channels":0}')
  await rabbitmqctl('set_user_limits', 'lone', '{"max-connections":0}')
  for (const vhost of ['shut', 'full', 'dead', odd]) {
    await rabbitmqctl('add_vhost', vhost)
    await rabbitmqctl('set_permissions', '-p', vhost, 'guest', ...everything)
  }
  await rabbitmqctl('set_permissions', '-p', odd, odd, ...nothing)
  await rabbitmqctl('set_vhost_limits', '-p', 'shut', '{"max-connections":0}')
  await rabbitmqctl('set_vhost_limits', '-p', 'full', '{"max-queues":0}')
  await rabbitmqctl('eval', 'rabbit_vhost_sup_sup:stop_and_delete_vhost(<<"dead">>).')
  const client = await connect({ hostname: broker.host, port: broker.port })
  const channel = await client.createChannel()
  await channel.assertQueue('classic')
  await channel.assertQueue('stream', { arguments: { 'x-queue-type': 'stream' } })
  await channel.assertExchange('inner', 'topic', { internal: true })
  await channel.assertExchange('plain', 'topic')
  await client.close()
})
afterAll(() => broker?.stop())

interface Login {
  readonly user?: string
  readonly vhost?: string
  readonly channelMax?: number
}

type Action = (channel: Channel, model: ChannelModel) => Promise<unknown>

/** What the broker says when it refuses the login, or ends the channel or the connection because of the action. */
async function refusalOf(
  { user = 'guest', vhost = '/', channelMax = 0 }: Login,
  action: Action = async () => {},
): Promise<string> {
  const { promise: said, resolve } = Promise.withResolvers<string>()
  const hear = (error: unknown) => {
    const reply = replyOf(messageOf(error))
    if (reply) resolve(reply.text)
  }
  const password = user === 'guest' ? 'guest' : user === 'unknown' ? 'wrong' : 's3cret'
  const { host: hostname, port } = broker
  let model: ChannelModel | undefined
  try {
    model = await connect({
      hostname,
      port,
      username: user,
      password,
      vhost: encodeURIComponent(vhost),
      channelMax,
    })
    model.on('error', hear)
    const channel = await model.createConfirmChannel()
    channel.on('error', hear)
    await action(channel, model)
  } catch (error) {
    hear(error)
  }
  const text = await said
  await model?.close().catch(() => {})
  return text
}

/** With a setting of the node's that is put back. */
async function refusalWhile(key: string, login: Login, action?: Action): Promise<string> {
  const set = async (value: string) =>
    await broker.rabbitmqctl('eval', `application:set_env(rabbit, ${key}, ${value}).`)
  await set('0')
  try {
    return await refusalOf(login, action)
  } finally {
    await set('infinity')
  }
}

const publish =
  (exchange: string, key = '', size = 1): Action =>
  async (channel) =>
    channel.publish(exchange, key, Buffer.alloc(size))
const consumeFrom =
  (queue: string, from?: string): Action =>
  async (channel) =>
    await channel.consume(queue, () => {}, { arguments: from && { 'x-stream-offset': from } })
const bind =
  (queue: string, exchange: string, key = ''): Action =>
  async (channel) =>
    await channel.bindQueue(queue, exchange, key)

/** A channel of a number that amqplib would not take, as it keeps to the limit. */
const openChannelBeyondLimit: Action = async (_channel, { connection }) => {
  const channelOpen = 0x14000a
  const { sendMethod } = connection as unknown as {
    sendMethod(channel: number, method: number, fields: object): void
  }
  sendMethod.call(connection, 7, channelOpen, { outOfBand: '' })
}

const stop: Action = async () => {
  await broker.rabbitmqctl('stop_app')
  await broker.rabbitmqctl('start_app')
}

const closeByManagement: Action = async (_channel, model) => {
  const headers = { authorization: `Basic ${btoa('guest:guest')}` }
  const name = `${broker.host}:${localPort(model)} -> ${broker.host}:${broker.port}`
  const url = `${broker.managementUrl}/api/connections/${encodeURIComponent(name)}`
  const remove = async () => (await fetch(url, { method: 'DELETE', headers })).status
  // The API knows a connection some seconds after its opening.
  await expect.poll(remove, { timeout: 60_000, interval: 200 }).toBe(204)
}

/** As the timer of a token does. */
const expireCredentials: Action = async (_channel, model) =>
  await broker.rabbitmqctl(
    'eval',
    `[P ! credential_expired || P <- rabbit_networking:connections(), rabbit_reader:info(P, [peer_port]) == [{peer_port, ${localPort(model)}}]].`,
  )

function localPort({ connection }: ChannelModel): number | undefined {
  return (connection as unknown as { stream: Socket }).stream.localPort
}

/** How each sentence of the table is got from a broker, by the version's row. */
const provocations: Readonly<Record<string, () => Promise<string>>> = {
  'a vhost at its limit of connections': () => refusalOf({ vhost: 'shut' }),
  'a vhost that is down': () => refusalOf({ vhost: 'dead' }),
  'a user at his limit of connections': () => refusalOf({ user: 'lone' }),
  'a node at its limit of connections': () => refusalWhile('connection_max', {}),
  'a vhost that is not there': () => refusalOf({ vhost: 'nowhere' }),
  'a vhost without a permission': () => refusalOf({ user: 'stranger' }),
  'a wrong password': () => refusalOf({ user: 'unknown' }),
  'an operator who closes the connection': () => refusalOf({}, closeByManagement),
  'a token that expires': () => refusalOf({}, expireCredentials),
  'more channels than were agreed': () => refusalOf({ channelMax: 1 }, openChannelBeyondLimit),
  'a node at its limit of channels': () => refusalWhile('channel_max_per_node', {}),
  'a user at his limit of channels': () => refusalOf({ user: 'narrow' }),
  'an exchange that is not there': () => refusalOf({}, publish('nowhere')),
  'a queue that is not there': () => refusalOf({}, consumeFrom('nowhere')),
  'a topic that may not be written': () => refusalOf({ user: 'topical' }, publish('amq.topic', 'y')),
  'a topic that may not be read': () => refusalOf({ user: 'topical' }, bind('classic', 'amq.topic', 'y')),
  'an exchange that may not be written': () => refusalOf({ user: 'bare' }, publish('amq.topic')),
  'an exchange that may not be read': () => refusalOf({ user: 'writer' }, bind('classic', 'amq.topic')),
  'an exchange that may not be configured': () =>
    refusalOf({ user: 'bare' }, async (channel) => await channel.assertExchange('plain', 'topic')),
  'a queue that may not be written': () => refusalOf({ user: 'bare' }, bind('classic', 'amq.topic')),
  'a queue that may not be read': () => refusalOf({ user: 'bare' }, consumeFrom('classic')),
  'a queue that may not be configured': () =>
    refusalOf({ user: 'bare' }, async (channel) => await channel.assertQueue('new')),
  'an internal exchange': () => refusalOf({}, publish('inner')),
  'a vhost at its limit of queues': () =>
    refusalOf({ vhost: 'full' }, async (channel) => await channel.assertQueue('new')),
  'a cluster at its limit of queues': () =>
    refusalWhile('cluster_queue_limit', {}, async (channel) => await channel.assertQueue('new')),
  'a queue of other properties': () =>
    refusalOf({}, async (channel) => await channel.assertQueue('classic', { durable: false })),
  'a queue that is no stream': () => refusalOf({}, consumeFrom('classic', 'next')),
  'a stream without a prefetch': () => refusalOf({}, consumeFrom('stream', 'next')),
  'an alternate exchange that is none': () =>
    refusalOf({}, async (channel) =>
      channel.assertExchange('new', 'topic', { arguments: { 'alternate-exchange': 1 } }),
    ),
  'a queue that is locked': () =>
    refusalOf({}, async (channel) => await channel.assertQueue('classic', { exclusive: true })),
  'a message that is too large': () => refusalOf({}, publish('', 'classic', 1001)),
  // The last, as it ends every connection.
  'a node that stops': () => refusalOf({}, stop),
}

/** What RabbitMQ 3 has no limit for. */
const newer = [
  'a node at its limit of connections',
  'a node at its limit of channels',
  'a cluster at its limit of queues',
]
/** A queue whose node is down is in cluster.test.ts. */
const inCluster = 'queue-down'

const provoked = new Set<string>()
const rowOf = (text: string) =>
  replyRows.find(({ says }) => replyTemplate(says).whole.test(withoutCodeName(text)))
const major = () => Number.parseInt(broker.version, 10)

describe('the table of replies', () => {
  test.each(Object.entries(provocations))('knows what the broker says of %s', async (name, provoke) => {
    if (major() < 4 && newer.includes(name)) return
    const text = await provoke()
    const row = rowOf(text)
    expect({ text, row: row?.says }).toEqual({ text, row: expect.any(String) })
    expect(readReply(text)?.kind).toBe(row?.kind)
    provoked.add(row?.says ?? '')
  })

  test('holds no sentence that the broker of that version did not say in a test', () => {
    const unprovoked = replyRows.filter(
      ({ says, only = major(), kind, unprovoked = false }) =>
        only === major() && !unprovoked && kind !== inCluster && !provoked.has(says),
    )
    expect(unprovoked.map(({ says }) => says)).toEqual([])
  })

  test.each([
    ['no-exchange', () => refusalOf({ vhost: odd }, publish(odd))],
    ['no-queue', () => refusalOf({ vhost: odd }, consumeFrom(odd))],
    ['exchange-refused', () => refusalOf({ user: odd, vhost: odd }, publish(odd))],
    ['queue-refused', () => refusalOf({ user: odd, vhost: odd }, consumeFrom(odd))],
    ['login-refused', () => refusalOf({ user: 'unknown', vhost: odd })],
    // RabbitMQ cuts the sentence off.
    ['no-exchange', () => refusalOf({}, publish('é'.repeat(127)))],
    ['no-queue', () => refusalOf({}, consumeFrom('q'.repeat(255)))],
  ] as const)('knows %s by its sentence, whatever the names', async (kind, provoke) => {
    expect(readReply(await provoke())).toMatchObject({ kind })
  })
})
