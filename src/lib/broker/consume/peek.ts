import type { ChannelModel } from 'amqplib'
import type { Peeked, PeekRequest, ReceivedMessage } from '#lib/broker/broker.ts'
import { type ExistingQueue, queueExists, requireQueue, waysToWatch } from '#lib/broker/inspect/queue-type.ts'
import { ask, inTime, openChannel } from '#lib/broker/wire/channel.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { toReceived } from './consumer.ts'

/** Bytes of bodies after which a look ends, as all are kept until the queue has them back. */
const peekedBytes = 64 * 1024 * 1024

/**
 * See `BrokerConnection.peek`. It gets the messages one by one and consumes nothing: a consumer that leaves takes an
 * auto-delete queue along. They go back by the end of the channel, before anything is shown, so that a slow reader of
 * evi's output never blocks the consumer.
 */
export async function peek(
  model: ChannelModel,
  { socket, limit }: PeekRequest,
  replyTimeout: number,
): Promise<Peeked> {
  const queue = await requireQueue(model, socket, replyTimeout)
  if (queue.kind !== 'classic') throw harmful(queue, socket)
  const { messages: ready, consumers } = queue
  const channel = await inTime(replyTimeout, openChannel(model))
  const messages: ReceivedMessage[] = []
  let left = ready
  for (let bytes = 0; messages.length < Math.min(limit, ready) && bytes < peekedBytes; ) {
    const got = await inTime(
      replyTimeout,
      ask(socket, () => channel.get(socket.routingKey), 'read'),
    )
    left = got === false ? 0 : got.fields.messageCount
    if (got === false) break
    messages.push(toReceived(got))
    bytes += got.content.length
  }
  await inTime(replyTimeout, channel.close())
  return { messages, left, consumers }
}

function harmful(queue: ExistingQueue, socket: Socket): EviError {
  const { kind } = queue
  const reasons = {
    // With basic.get it also comes back in another order (seen with 3.10): each get is a consumer of its own.
    quorum: 'a quorum queue: each look counts as a delivery, and RabbitMQ drops what was delivered too often',
    stream: 'a stream, from which nothing is taken',
  }
  if (kind !== 'quorum' && kind !== 'stream') return queueExists(queue, socket)
  return new EviError('queue-exists', `--peek is not for "${socket.routingKey}", ${reasons[kind]}.`, {
    hint: waysToWatch(kind, socket),
  })
}
