import type { ChannelModel } from 'amqplib'
import type { QueueKind } from '#lib/broker/broker.ts'
import { channelError, messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { openChannel } from '#lib/broker/wire/channel.ts'
import { grant, permitWatching, userOf } from '#lib/domain/failure/permissions.ts'
import { noQueue, rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import { defaultVhost, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { findQueue } from './lookup.ts'

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
  const queue = await findQueue(model, socket.routingKey, { socket, replyTimeout })
  if (queue.found === false) return undefined
  if (queue.found === 'exclusive') return { kind: 'exclusive', messages: 0, consumers: 0 }
  if (queue.found === 'forbidden') {
    throw new EviError('refused', `RabbitMQ refused: ${queue.reason}.`, {
      hint: grant(socket, userOf(socket), permitWatching(socket, userOf(socket))),
    })
  }
  return { ...queue, kind: await kindOf(model, socket) }
}

/** @throws EviError `unroutable` where there is none */
export async function requireQueue(
  model: ChannelModel,
  socket: Socket,
  replyTimeout: number,
): Promise<ExistingQueue> {
  const queue = await lookAtQueue(model, socket, replyTimeout)
  if (queue) return queue
  const { reason, hint } = noQueue(socket)
  throw new EviError('unroutable', reason, { hint })
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

/** What can be done about a queue of that kind instead. */
export function waysToWatch(kind: QueueKind, { routingKey, vhost }: Socket): string {
  const firehose = `To see copies of all that is published to it: --firehose, once an admin has run: ${rabbitmqctl('trace_on', vhost)}`
  if (kind === 'stream') return 'To read it, which takes nothing: --from first'
  if (kind === 'classic')
    return `To see what waits in it and put it back, marked as redelivered: --peek. ${firehose}`
  if (kind !== 'quorum') return firehose
  const place = vhost === defaultVhost ? '' : `--vhost ${shellWord(vhost)} `
  return `To see the first that waits in it, on the broker: rabbitmq-queues peek ${place}${shellWord(routingKey)} 1. ${firehose}`
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
    if (reply?.code !== 406) throw channelError(error, socket)
    const kind = /of queue type rabbit_(classic|quorum)_queue$/.exec(reply.text)?.[1] as 'classic' | 'quorum'
    return kind ?? (/prefetch count is not set/.test(reply.text) ? 'stream' : 'unknown')
  }
  await channel.close()
  return 'unknown'
}

/** RabbitMQ has streams, and refuses arguments that are not for a queue's kind, since 3.9. */
function hasStreams(model: ChannelModel): boolean {
  const { product, version } = model.connection.serverProperties
  const [major = 0, minor = 0] = String(version).split('.').map(Number)
  return product === 'RabbitMQ' && (major > 3 || (major === 3 && minor >= 9))
}
