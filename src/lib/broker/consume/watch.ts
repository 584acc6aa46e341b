import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import { lookAtQueue, queueExists, requireQueue, waysToWatch } from '#lib/broker/inspect/queue-type.ts'
import { ask, inTime } from '#lib/broker/wire/channel.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { EviError } from '#lib/errors.ts'
import type { ConsumerLimits } from './consumer.ts'
import { consumeCopies, consumeStandIn, noQueueNamed } from './watch-exchange.ts'
import { consumeFirehose } from './watch-firehose.ts'
import { consumeStream } from './watch-stream-queue.ts'

/** Opens a consumer, which ends with its connection. See `BrokerConnection.openConsumer`. */
export async function openConsumer(
  model: ChannelModel,
  request: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  // A connection that is lost fails at any step.
  const opening = ask(request.socket, () => openUnlimited(model, request, limits))
  return await inTime(limits.replyTimeout, opening)
}

async function openUnlimited(
  model: ChannelModel,
  request: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const { socket, mode } = request
  const { replyTimeout } = limits
  if (mode === 'firehose') return await consumeFirehose(model, request, limits)
  if (mode === 'stand-in') return await consumeStandIn(model, request, limits)
  if (mode) return await openStream(model, { ...request, from: mode.from }, limits)
  if (socket.exchange !== '') return await consumeCopies(model, request, limits)
  if (socket.routingKey === '') throw noQueueNamed('')
  const queue = await lookAtQueue(model, socket, replyTimeout)
  if (queue === undefined) return await consumeStandIn(model, request, limits)
  if (queue.kind === 'stream') return await consumeStream(model, { ...request, from: 'next' }, limits)
  throw queueExists(queue, socket)
}

async function openStream(
  model: ChannelModel,
  request: ConsumerRequest & { readonly from: StreamOffset },
  limits: ConsumerLimits,
): Promise<Consumer> {
  const { socket } = request
  const { kind } = await requireQueue(model, socket, limits.replyTimeout)
  if (kind === 'stream') return await consumeStream(model, request, limits)
  throw new EviError(
    'queue-exists',
    `RabbitMQ does not call the queue "${socket.routingKey}" a stream, so --from cannot read it.`,
    {
      hint: waysToWatch(kind, socket),
    },
  )
}
