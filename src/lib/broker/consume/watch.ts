import type { ChannelModel } from 'amqplib'
import type { Tap, TapRequest } from '#lib/broker/broker.ts'
import { lookAtQueue, queueExists, requireQueue, waysToWatch } from '#lib/broker/inspect/queue-type.ts'
import { ask, inTime } from '#lib/broker/wire/channel.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { EviError } from '#lib/errors.ts'
import { noQueueNamed, standIn, tapExchange } from './watch-exchange.ts'
import { tapFirehose } from './watch-firehose.ts'
import { tapStream } from './watch-stream-queue.ts'

export interface TapLimits {
  /** Milliseconds until the tap must be open. */
  readonly replyTimeout: number
  /** Somebody deleted the watched queue on the broker. */
  readonly onDeleted: () => void
}

/** Opens a tap; the connection's end is its end. See `BrokerConnection.openTap`. */
export async function openTap(model: ChannelModel, request: TapRequest, limits: TapLimits): Promise<Tap> {
  // A connection that goes meanwhile fails at any step.
  const opening = ask(request.socket, () => openUnlimited(model, request, limits))
  return await inTime(limits.replyTimeout, opening)
}

async function openUnlimited(model: ChannelModel, request: TapRequest, limits: TapLimits): Promise<Tap> {
  const { socket, way } = request
  const { replyTimeout, onDeleted } = limits
  if (way === 'firehose') return await tapFirehose(model, request, onDeleted)
  if (way) return await openStream(model, { ...request, from: way.from }, limits)
  if (socket.exchange !== '') return await tapExchange(model, request, onDeleted)
  if (socket.routingKey === '') throw noQueueNamed('')
  const queue = await lookAtQueue(model, socket, replyTimeout)
  if (queue === undefined) return await standIn(model, request, onDeleted)
  if (queue.kind === 'stream') return await tapStream(model, { ...request, from: 'next' }, onDeleted)
  throw queueExists(queue, socket)
}

async function openStream(
  model: ChannelModel,
  request: TapRequest & { readonly from: StreamOffset },
  { replyTimeout, onDeleted }: TapLimits,
): Promise<Tap> {
  const { socket } = request
  const { kind } = await requireQueue(model, socket, replyTimeout)
  if (kind === 'stream') return await tapStream(model, request, onDeleted)
  throw new EviError(
    'queue-exists',
    `RabbitMQ does not call the queue "${socket.routingKey}" a stream, so --from cannot read it.`,
    {
      hint: waysToWatch(kind, socket),
    },
  )
}
