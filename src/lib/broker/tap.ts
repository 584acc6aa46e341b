import type { Channel, ChannelModel, ConsumeMessage, Options } from 'amqplib'
import type { Socket } from '../domain/socket.ts'
import { EviError } from '../errors.ts'
import type { Tap, TappedMessage, TapRequest } from './broker.ts'
import { channelError } from './broker-errors.ts'
import { withDeadline } from './deadline.ts'

/** A slow watcher never fills a broker: the tap's queue keeps this many events and drops the oldest. */
export const tapQueueLimit = 100_000
/** Messages on their way before an acknowledgement; one for each half of it costs the least (PERFORMANCE). */
const window = 1000
/** Milliseconds between looks at the tap's own queue; no broker fills half of it in that time. */
const lookInterval = 200

const queueOptions: Options.AssertQueue = {
  exclusive: true,
  autoDelete: true,
  durable: false,
  arguments: { 'x-max-length': tapQueueLimit, 'x-overflow': 'drop-head' },
}

export interface TapLimits {
  /** Milliseconds until the tap must be open. */
  readonly replyTimeout: number
  /** Somebody deleted the tap's queue on the broker. */
  readonly onDeleted: () => void
}

/** Opens a tap; the connection's end is its end. See `BrokerConnection.openTap`. */
export async function openTap(model: ChannelModel, request: TapRequest, limits: TapLimits): Promise<Tap> {
  const { replyTimeout, onDeleted } = limits
  const opened = await withDeadline(openUnlimited(model, request, onDeleted), replyTimeout)
  if (opened === 'late') throw new EviError('timeout', `RabbitMQ did not answer within ${replyTimeout} ms.`)
  return opened
}

async function openUnlimited(model: ChannelModel, request: TapRequest, onDeleted: () => void): Promise<Tap> {
  const { exchange, routingKey } = request.socket
  const standIn = exchange === ''
  if (standIn) await refuseExistingQueue(model, request.socket)
  const channel = await openChannel(model)
  const declare = async () => {
    const declared = await channel.assertQueue(standIn ? routingKey : '', queueOptions)
    if (!standIn) await channel.bindQueue(declared.queue, exchange, request.bindingKey ?? routingKey)
    return declared.queue
  }
  const queue = await ask(request.socket, declare).catch((error) => {
    throw standIn && isTaken(error) ? existingQueue(routingKey, ' since a moment ago') : error
  })
  await consume(channel, queue, request, onDeleted)
  return { standIn }
}

/** The default exchange cannot be bound to, and a queue that exists is somebody's: evi never takes from it. */
async function refuseExistingQueue(model: ChannelModel, socket: Socket): Promise<void> {
  const queue = socket.routingKey
  if (queue === '' || queue.startsWith('amq.')) {
    throw new EviError(
      'queue-exists',
      `No queue can be declared under the name "${queue}", so nothing can be watched there.`,
    )
  }
  const channel = await openChannel(model)
  let found: { messageCount: number; consumerCount: number }
  try {
    found = await ask(socket, () => channel.checkQueue(queue))
  } catch (error) {
    if (error instanceof EviError && error.code === 'no-exchange') return
    throw isTaken(error) ? existingQueue(queue, ' and is exclusive to another connection') : error
  }
  throw existingQueue(queue, ` (${found.messageCount} messages ready, ${found.consumerCount} consumers)`)
}

/** A queue of that name that is another connection's alone, or is of another kind than evi's own. */
function isTaken(error: unknown): boolean {
  return error instanceof EviError && error.code === 'precondition'
}

function existingQueue(queue: string, state: string): EviError {
  return new EviError(
    'queue-exists',
    `The queue "${queue}" exists${state}; evi does not take its messages.`,
    {
      hint: `To watch copies, publish to a named exchange, bind the queue to it and watch that: rabbitmq:…/EXCHANGE?${queue}`,
    },
  )
}

async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel()
  // Told by the request that failed, too; without a listener it would be thrown.
  channel.on('error', () => {})
  return channel
}

async function ask<T>(socket: Socket, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw channelError(error, socket)
  }
}

/** One message after the other; the window is acknowledged in halves, once its messages are written. */
async function consume(
  channel: Channel,
  queue: string,
  { onMessage, onOverflow }: TapRequest,
  onDeleted: () => void,
): Promise<void> {
  await channel.prefetch(window)
  const look = overflowLook(channel, queue, onOverflow)
  let open = true
  channel.on('close', () => {
    open = false
  })
  let unacknowledged = 0
  let before: Promise<unknown> = Promise.resolve()
  await channel.consume(queue, (delivery) => {
    if (delivery === null) return onDeleted()
    before = before.then(async () => {
      await onMessage(toTapped(delivery))
      if (++unacknowledged < window / 2) return
      unacknowledged = 0
      await look()
      if (open) channel.ack(delivery, true)
    })
  })
}

/**
 * Tells of each time that the queue is found full, once. It is to look before an acknowledgement: that makes room, and
 * a queue that ran over while evi was stopped would look as if it had not.
 */
function overflowLook(
  channel: Channel,
  queue: string,
  onOverflow: TapRequest['onOverflow'],
): () => Promise<void> {
  let waiting = 0
  let last = performance.now()
  return async () => {
    if (performance.now() - last < lookInterval && waiting < tapQueueLimit / 2) return
    try {
      const { messageCount } = await channel.checkQueue(queue)
      if (waiting < tapQueueLimit && messageCount >= tapQueueLimit) onOverflow(tapQueueLimit)
      waiting = messageCount
      last = performance.now()
    } catch {
      // The connection is gone, which is told where it is noticed.
    }
  }
}

function toTapped({ content, fields, properties }: ConsumeMessage): TappedMessage {
  const set = Object.entries(properties).filter(([, value]) => value !== undefined)
  return {
    body: content,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    redelivered: fields.redelivered,
    properties: Object.fromEntries(set),
  }
}
