import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import { lookAtQueue, queueExists, requireQueue, waysToWatch } from '#lib/broker/inspect/queue-type.ts'
import { ask, inTime } from '#lib/broker/wire/channel.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { EviError } from '#lib/errors.ts'
import { consumeCopies, consumeStandIn, noQueueNamed } from './watch-exchange.ts'
import { consumeFirehose } from './watch-firehose.ts'
import { consumeStream } from './watch-stream-queue.ts'

export interface ConsumerLimits {
  /** Milliseconds until the consumer must be open. */
  readonly replyTimeout: number
  /** Somebody deleted the watched queue on the broker. */
  readonly onDeleted: () => void
}

/** Opens a consumer, which ends with its connection. See `BrokerConnection.openConsumer`. */
export async function openConsumer(
  model: ChannelModel,
  request: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  // A connection that goes meanwhile fails at any step.
  const opening = ask(request.socket, () => openUnlimited(model, request, limits))
  return await inTime(limits.replyTimeout, opening)
}

async function openUnlimited(
  model: ChannelModel,
  request: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const { socket, mode } = request
  const { replyTimeout, onDeleted } = limits
  if (mode === 'firehose') return await consumeFirehose(model, request, onDeleted)
  if (mode) return await openStream(model, { ...request, from: mode.from }, limits)
  if (socket.exchange !== '') return await consumeCopies(model, request, onDeleted)
  if (socket.routingKey === '') throw noQueueNamed('')
  const queue = await lookAtQueue(model, socket, replyTimeout)
  if (queue === undefined) return await consumeStandIn(model, request, onDeleted)
  if (queue.kind === 'stream') return await consumeStream(model, { ...request, from: 'next' }, onDeleted)
  throw queueExists(queue, socket)
}

async function openStream(
  model: ChannelModel,
  request: ConsumerRequest & { readonly from: StreamOffset },
  { replyTimeout, onDeleted }: ConsumerLimits,
): Promise<Consumer> {
  const { socket } = request
  const { kind } = await requireQueue(model, socket, replyTimeout)
  if (kind === 'stream') return await consumeStream(model, request, onDeleted)
  throw new EviError(
    'queue-exists',
    `RabbitMQ does not call the queue "${socket.routingKey}" a stream, so --from cannot read it.`,
    {
      hint: waysToWatch(kind, socket),
    },
  )
}
