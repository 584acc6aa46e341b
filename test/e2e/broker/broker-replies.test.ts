import net from 'node:net'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HandshakeWord, watchHandshake } from '#lib/broker/connect/handshake-frames.ts'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply, replyRows, withoutCodeName } from '#lib/broker/errors/broker-replies.ts'
import { replyTemplate } from '#lib/broker/errors/reply-template.ts'
import {
  long,
  longText,
  method,
  octet,
  short,
  shortText,
  table,
} from '../../helpers/brokers/broken-broker.ts'
import { startTestSandbox, type TestSandbox } from '../../helpers/brokers/own-broker.ts'

let broker: TestSandbox
/** A name with all that a quotation, a permission's pattern or a shell could take for its own. */
const odd = "ü'x.y (z)' in vhost '"
const everything = ['.*', '.*', '.*'] as const
const nothing = ['^$', '^$', '^$'] as const
const password = 's3cret'

beforeAll(async () => {
  broker = await startTestSandbox({ management: true, config: ['max_message_size = 1000'] })
  const users = { bare: nothing, [odd]: nothing, writer: ['^$', '.*', '^$'], topical: everything }
  for (const vhost of ['shut', 'full', 'dead', odd]) {
    await put(['vhosts', vhost])
    await permit(vhost, 'guest', everything)
  }
  await put(['users', 'stranger'], { password, tags: '' })
  for (const [user, patterns] of Object.entries({ ...users, narrow: everything, lone: everything })) {
    await put(['users', user], { password, tags: '' })
    await permit('/', user, patterns)
  }
  await permit(odd, odd, nothing)
  await put(['topic-permissions', '/', 'topical'], { exchange: 'amq.topic', write: '^x$', read: '^x$' })
  await put(['user-limits', 'narrow', 'max-channels'], { value: 0 })
  await put(['user-limits', 'lone', 'max-connections'], { value: 0 })
  await put(['vhost-limits', 'shut', 'max-connections'], { value: 0 })
  await put(['vhost-limits', 'full', 'max-queues'], { value: 0 })
  await broker.rabbitmqctl('eval', 'rabbit_vhost_sup_sup:stop_and_delete_vhost(<<"dead">>).')
  const client = await connect({ hostname: broker.host, port: broker.port })
  const channel = await client.createChannel()
  await channel.assertQueue('classic')
  await channel.assertQueue('stream', { arguments: { 'x-queue-type': 'stream' } })
  await channel.assertExchange('inner', 'topic', { internal: true })
  await channel.assertExchange('plain', 'topic')
  await client.close()
})
afterAll(() => broker?.stop())

const headers = { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' }

/** A request to the management API, which is quicker than a start of rabbitmqctl. */
async function request(method: 'PUT' | 'DELETE', path: readonly string[], body?: object): Promise<number> {
  const url = `${broker.managementUrl}/api/${path.map(encodeURIComponent).join('/')}`
  return (await fetch(url, { method, headers, body: JSON.stringify(body) ?? null })).status
}

async function put(path: readonly string[], body: object = {}): Promise<void> {
  const status = await request('PUT', path, body)
  if (status >= 300) throw new Error(`PUT ${path.join('/')}: ${status}`)
}

async function permit(
  vhost: string,
  user: string,
  [configure, write, read]: readonly string[],
): Promise<void> {
  await put(['permissions', vhost, user], { configure, write, read })
}

interface Login {
  readonly user?: string
  readonly vhost?: string
  readonly channelMax?: number
}

type Action = (channel: Channel, model: ChannelModel) => Promise<unknown>

/** What the broker says when it refuses to open a connection; amqplib does not pass that on. */
async function refusedOpening({ user = 'guest', vhost = '/' }: Login): Promise<string> {
  const { promise: said, resolve } = Promise.withResolvers<string>()
  const stream = net.connect(broker.port, broker.host, () => stream.write('AMQP\0\0\x09\x01', 'latin1'))
  const secret = `\0${user}\0${user === 'guest' ? 'guest' : password}`
  const answers: Partial<Record<HandshakeWord, readonly Buffer[]>> = {
    start: [method(0, 'start-ok', table({}), shortText('PLAIN'), longText(secret), shortText('en_US'))],
    tune: [
      method(0, 'tune-ok', short(2047), long(131_072), short(0)),
      method(0, 'open', shortText(vhost), octet(0), octet(0)),
    ],
  }
  const watch = watchHandshake(stream, (word) => {
    for (const bytes of answers[word] ?? []) stream.write(bytes)
  })
  stream.on('readable', () => {
    while (stream.read() !== null) {
      // The watch listens in.
    }
    const reply = watch.closing()
    if (reply) resolve(reply.text)
  })
  try {
    return await said
  } finally {
    stream.destroy()
  }
}

/** What the broker says when it ends the channel or the connection because of the action. */
async function refusalOf(
  { user = 'guest', vhost = '/', channelMax = 0 }: Login,
  action: Action = async () => {},
): Promise<string> {
  const { promise: said, resolve } = Promise.withResolvers<string>()
  const hear = (error: unknown) => {
    const reply = replyOf(messageOf(error))
    if (reply) resolve(reply.text)
  }
  const { host: hostname, port } = broker
  let model: ChannelModel | undefined
  try {
    model = await connect({
      hostname,
      port,
      username: user,
      password: user === 'guest' ? 'guest' : password,
      vhost: encodeURIComponent(vhost),
      channelMax,
    })
    // amqplib reports an end by an operator there alone.
    model.on('error', hear).on('close', hear)
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
async function refusalWhile(key: string, refusal: () => Promise<string>): Promise<string> {
  const set = async (value: string) =>
    await broker.rabbitmqctl('eval', `application:set_env(rabbit, ${key}, ${value}).`)
  await set('0')
  try {
    return await refusal()
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

/** As a client does that does not keep to the limit. */
const openChannelBeyondLimit: Action = async (_channel, model) =>
  streamOf(model).write(method(7, 'channel.open', shortText('')))

const stop: Action = async () => {
  await broker.rabbitmqctl('stop_app')
  await broker.rabbitmqctl('start_app')
}

const closeByManagement: Action = async (_channel, model) => {
  const name = `${broker.host}:${localPort(model)} -> ${broker.host}:${broker.port}`
  const remove = () => request('DELETE', ['connections', name])
  // The API knows a connection some seconds after its opening.
  await expect.poll(remove, { timeout: 60_000, interval: 200 }).toBe(204)
}

/** As the timer of a token does. */
const expireCredentials: Action = async (_channel, model) =>
  await broker.rabbitmqctl(
    'eval',
    `[P ! credential_expired || P <- rabbit_networking:connections(), rabbit_reader:info(P, [peer_port]) == [{peer_port, ${localPort(model)}}]].`,
  )

function localPort(model: ChannelModel): number | undefined {
  return streamOf(model).localPort
}

function streamOf({ connection }: ChannelModel): net.Socket {
  return (connection as unknown as { stream: net.Socket }).stream
}

/** How each sentence of the table is got from a broker, by the version's row. */
const provocations: Readonly<Record<string, () => Promise<string>>> = {
  'a vhost at its limit of connections': () => refusedOpening({ vhost: 'shut' }),
  'a vhost that is down': () => refusedOpening({ vhost: 'dead' }),
  'a user at his limit of connections': () => refusedOpening({ user: 'lone' }),
  'a node at its limit of connections': () => refusalWhile('connection_max', () => refusedOpening({})),
  'a vhost that is not there': () => refusedOpening({ vhost: 'nowhere' }),
  'a vhost without a permission': () => refusedOpening({ user: 'stranger' }),
  'a wrong password': () => refusalOf({ user: 'unknown' }),
  'an operator who closes the connection': () => refusalOf({}, closeByManagement),
  'a token that expires': () => refusalOf({}, expireCredentials),
  'more channels than were agreed': () => refusalOf({ channelMax: 1 }, openChannelBeyondLimit),
  'a node at its limit of channels': () => refusalWhile('channel_max_per_node', () => refusalOf({})),
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
    refusalWhile('cluster_queue_limit', () =>
      refusalOf({}, async (channel) => await channel.assertQueue('new')),
    ),
  'a queue of other properties': () =>
    refusalOf({}, async (channel) => await channel.assertQueue('classic', { durable: false })),
  'a queue that is no stream': () => refusalOf({}, consumeFrom('classic', 'next')),
  'a stream without a prefetch': () => refusalOf({}, consumeFrom('stream', 'next')),
  'an alternate exchange that is none': () =>
    refusalOf({}, async (channel) =>
      channel.assertExchange('new', 'topic', { arguments: { 'alternate-exchange': 1 } }),
    ),
  'a name that is its own': () =>
    refusalOf({}, async (channel) => channel.assertExchange('amq.new', 'topic')),
  'a queue that is locked': () =>
    refusalOf({}, async (channel) => await channel.assertQueue('classic', { exclusive: true })),
  'a message that is too large': () => refusalOf({}, publish('', 'classic', 1001)),
  // The last, as it ends every connection.
  'a node that stops': () => refusalOf({}, stop),
}

/** What RabbitMQ 3 has no limit, or timer, for. */
const newer = [
  'a token that expires',
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
    ['no-exchange', () => refusalOf({}, publish('x'.repeat(255)))],
    ['no-queue', () => refusalOf({}, consumeFrom('q'.repeat(255)))],
  ] as const)('knows %s by its sentence, whatever the names', async (kind, provoke) => {
    expect(readReply(await provoke())).toMatchObject({ kind })
  })
})
