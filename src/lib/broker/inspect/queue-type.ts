import type { ChannelModel } from 'amqplib'
import type { QueueKind, QueueLookup } from '#lib/broker/broker.ts'
import { channelError, messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { inTime, openChannel } from '#lib/broker/wire/channel.ts'
import { grant, permitWatching, userOf } from '#lib/domain/failure/permissions.ts'
import { noQueue, onBroker, useFirehose } from '#lib/domain/failure/remedies.ts'
import { defaultVhost, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { findQueue, onOwnChannel } from './lookup.ts'

/** The queue that has the routing key's name. */
export interface ExistingQueue {
  readonly kind: QueueKind
  readonly messages: number
  readonly consumers: number
}

/**
 * Looks at the queue of the socket's routing key, without taking anything; undefined where there is none.
 *
 * @throws EviError `refused` where the user may not look, or not read
 */
export async function lookAtQueue(
  model: ChannelModel,
  socket: Socket,
  replyTimeout: number,
): Promise<ExistingQueue | undefined> {
  const queue = await findReadable(model, socket, replyTimeout)
  return queue.found === false ? undefined : await inTime(replyTimeout, describe(queue, model, socket))
}

/** The queue that the socket leads to, with its kind. @throws EviError `unroutable` where there is none */
export async function requireQueue(
  model: ChannelModel,
  socket: Socket,
  replyTimeout: number,
): Promise<ExistingQueue> {
  const queue = await findReadable(model, socket, replyTimeout)
  if (queue.found !== false) return await inTime(replyTimeout, describe(queue, model, socket))
  const { reason, hint } = noQueue(socket, queue.quote)
  throw new EviError('unroutable', reason, { hint })
}

type ReadableQueue = Exclude<QueueLookup, { found: 'forbidden' }>

/** @throws EviError `refused` where the user may not look */
async function findReadable(
  model: ChannelModel,
  socket: Socket,
  replyTimeout: number,
): Promise<ReadableQueue> {
  const queue = await findQueue(onOwnChannel(model), socket.routingKey, { socket, replyTimeout })
  if (queue.found !== 'forbidden') return queue
  const { reason, user = userOf(socket) } = queue
  throw new PermissionMissing(`RabbitMQ refused: ${reason}.`, {
    user,
    hintFor: (command) => grant(socket, user, command),
    command: permitWatching({ socket, by: 'stand-in' }, user),
  })
}

async function describe(
  queue: Exclude<ReadableQueue, { found: false }>,
  model: ChannelModel,
  socket: Socket,
): Promise<ExistingQueue> {
  if (queue.found === 'exclusive') return { kind: 'exclusive', messages: 0, consumers: 0 }
  return { ...queue, kind: await kindOf(model, socket) }
}

/** The queue has messages for its consumers: evi never takes from it; the hint names the ways that take nothing. */
export function queueExists(queue: ExistingQueue, socket: Socket): EviError {
  const { kind, messages, consumers } = queue
  const state = {
    classic: ` (messages ready: ${messages}, consumers: ${consumers})`,
    quorum: ` (a quorum queue; messages ready: ${messages}, consumers: ${consumers})`,
    stream: ' (a stream)',
    exclusive: ' and is exclusive to another connection',
    unknown: '',
  }[kind]
  return new EviError(
    kind === 'exclusive' ? 'queue-locked' : 'queue-exists',
    `The queue "${socket.routingKey}" exists${state}; evi does not take its messages.`,
    { hint: waysToWatch(kind, socket) },
  )
}

/** What can be done about a queue of that kind instead, as a whole command where tail's other sockets may not have its flag. */
export function waysToWatch(kind: QueueKind, socket: Socket): string {
  const { routingKey, vhost } = socket
  const firehose = useFirehose(socket)
  const itself = `--socket ${shellWord(printSocket(socket))}`
  if (kind === 'stream') return `To read it, which takes nothing: evi tail --from first ${itself}`
  if (kind === 'classic')
    return `To see what waits in it and put it back, marked as redelivered: evi tail --peek ${itself}\n${firehose}`
  if (kind !== 'quorum') return firehose
  const place = vhost === defaultVhost ? '' : `--vhost ${shellWord(vhost)} `
  return `To see the first that waits in it${onBroker(socket)}: rabbitmq-queues peek ${place}${shellWord(routingKey)} 1\n${firehose}`
}

/**
 * Asks for what only a stream can give, in a way that a stream refuses, too (without a prefetch): the broker names the
 * queue's kind and delivers nothing. It checks the arguments before anything else.
 */
async function kindOf(model: ChannelModel, socket: Socket): Promise<QueueKind> {
  // A broker that does not know streams would not refuse.
  if (!hasStreams(model)) return 'unknown'
  const channel = await openChannel(model)
  try {
    await channel.consume(socket.routingKey, () => {}, { arguments: { 'x-stream-offset': 'next' } })
  } catch (error) {
    const reply = replyOf(messageOf(error))
    const known = reply && readReply(reply.text)
    if (known?.kind === 'stream-unlimited') return 'stream'
    if (known?.kind === 'no-stream') return otherKinds[known.names.type ?? ''] ?? 'unknown'
    if (!reply || known) throw channelError(error, socket, 'read')
    return 'unknown'
  }
  await channel.close()
  return 'unknown'
}

/** By RabbitMQ's names of them. */
const otherKinds: Readonly<Record<string, QueueKind>> = { classic: 'classic', quorum: 'quorum' }

/** RabbitMQ has streams, and refuses arguments that are not for a queue's kind, since 3.9. */
function hasStreams(model: ChannelModel): boolean {
  const { product, version } = model.connection.serverProperties
  const [major = 0, minor = 0] = String(version).split('.').map(Number)
  return product === 'RabbitMQ' && (major > 3 || (major === 3 && minor >= 9))
}
