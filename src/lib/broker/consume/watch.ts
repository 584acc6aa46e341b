import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import { lookAtQueue, queueExists, requireQueue, waysToWatch } from '#lib/broker/inspect/queue-type.ts'
import { ask, inTime } from '#lib/broker/wire/channel.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ConsumerLimits } from './consumer.ts'
import { offsetOfLast } from './stream-end.ts'
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
  return await ask(request.socket, async () => {
    const open = await openerOf(model, request, limits)
    return await inTime(limits.replyTimeout, open(model, request, limits))
  })
}

type Opener = typeof consumeCopies

/** How the request is to be watched; a look at the queue has a limit of its own, and says why it got no answer. */
async function openerOf(
  model: ChannelModel,
  { socket, mode }: ConsumerRequest,
  { replyTimeout }: ConsumerLimits,
): Promise<Opener> {
  if (mode === 'firehose') return consumeFirehose
  if (mode === 'stand-in') return consumeStandIn
  if (mode) {
    const isFrom = 'from' in mode
    await requireStream(model, socket, { replyTimeout, flag: isFrom ? '--from' : '--last' })
    return fromOffset(
      isFrom ? mode.from : await offsetOfLast(model, { socket, last: mode.last, replyTimeout }),
    )
  }
  if (socket.exchange !== '') return consumeCopies
  if (socket.routingKey === '') throw noQueueNamed('')
  const queue = await lookAtQueue(model, socket, replyTimeout)
  if (queue === undefined) return consumeStandIn
  if (queue.kind === 'stream') return fromOffset('next')
  throw queueExists(queue, socket)
}

function fromOffset(from: StreamOffset): Opener {
  return async (model, request, limits) => await consumeStream(model, { ...request, from }, limits)
}

async function requireStream(
  model: ChannelModel,
  socket: Socket,
  { replyTimeout, flag }: { readonly replyTimeout: number; readonly flag: string },
): Promise<void> {
  const { kind } = await requireQueue(model, socket, replyTimeout)
  if (kind === 'stream') return
  throw new EviError(
    'queue-exists',
    `RabbitMQ does not call the queue "${socket.routingKey}" a stream, so ${flag} cannot read it.`,
    {
      hint: waysToWatch(kind, socket),
    },
  )
}
