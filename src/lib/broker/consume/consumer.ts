import { setImmediate } from 'node:timers/promises'
import type { Channel, ConsumeMessage, GetMessage } from 'amqplib'
import type { ConsumerRequest, ReceivedMessage } from '#lib/broker/broker.ts'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { replyText } from '#lib/broker/errors/reply-text.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import { EviError } from '#lib/errors.ts'
import { type Delivery, readDeliveries } from './delivery-decoder.ts'

/** Unacknowledged messages, at most; one acknowledgement for each half of them costs the least. */
const defaultWindow = 1000
/**
 * Milliseconds. Under load the broker sends a dozen messages at a time, and to wake up, read and write for each dozen costs
 * more than the messages; so much later there are many.
 */
const nap = 1

export interface ConsumerLimits {
  /** Milliseconds until the consumer must be open. */
  readonly replyTimeout: number
  /** See `ConsumerRequest`. */
  readonly prefetch?: number | undefined
  /** The consumer is open; the ping asks its channel for something that the broker must answer. */
  readonly onOpened: (ping: () => Promise<unknown>) => void
  /** The broker ended the consumer, and not the connection. */
  readonly onEnded: (reason: EviError) => void
}

export interface Consumption extends Pick<ConsumerLimits, 'prefetch' | 'onOpened' | 'onEnded'> {
  readonly queue: string
  readonly arguments?: Readonly<Record<string, unknown>>
  /** Undefined for a delivery that is not to be shown. */
  readonly read: (delivery: Delivery) => ReceivedMessage | undefined
  readonly onMessages: ConsumerRequest['onMessages']
  readonly beforeAcknowledging?: () => Promise<void>
}

/**
 * Hands over what one read of the connection brought, or what came while the messages before were taken; the window is
 * acknowledged in halves, before the last of its messages are taken, so that the broker need not wait.
 */
export async function consume(channel: Channel, consumption: Consumption): Promise<void> {
  const { queue, read, onMessages, onOpened, onEnded, beforeAcknowledging = async () => {} } = consumption
  const { prefetch: window = defaultWindow } = consumption
  await channel.prefetch(window)
  let gathered: Delivery[] = []
  let busy = false
  let idleSince = 0
  let unacknowledged = 0
  let outstanding = 0
  let acknowledged = Promise.resolve()
  const acknowledgeUpTo = async (last: Delivery, number: number) => {
    await acknowledged
    await beforeAcknowledging()
    outstanding -= number
    acknowledge(channel, last)
  }
  const handOver = async () => {
    busy = true
    while (gathered.length > 0) {
      const deliveries = gathered
      gathered = []
      unacknowledged += deliveries.length
      if (unacknowledged + deliveries.length > window / 2) {
        acknowledged = acknowledgeUpTo(deliveries.at(-1) as Delivery, unacknowledged)
        unacknowledged = 0
        // amqplib sends it at the end of the event loop's turn, and neither writing nor a nap is to come before that.
        await setImmediate()
      }
      await onMessages(deliveries.map(read).filter((message) => message !== undefined))
    }
    busy = false
    if (performance.now() - idleSince < nap) sleep(nap)
    idleSince = performance.now()
  }
  const gather = (delivery: Delivery) => {
    // A broker that does not wait for acknowledgements would fill the memory.
    if (++outstanding > 2 * window) cut(channel)
    // The microtask comes once all of the read is here.
    if (gathered.push(delivery) === 1 && !busy) queueMicrotask(handOver)
  }
  readDeliveries(channel, gather)
  const onDelivery = (delivery: ConsumeMessage | null) =>
    delivery === null ? onEnded(deleted('queue', queue)) : gather(delivery)
  // Each delivery bears the tag; the broker's own ones are ten times as long.
  await channel.consume(queue, onDelivery, { consumerTag: 'evi', arguments: consumption.arguments })
  // Before that, the request that failed says why.
  channel.on('error', (error) => onEnded(closedByBroker(error)))
  onOpened(() => channel.prefetch(window))
}

/** @param name without one, or with one that the broker made up for a queue of evi's own, it is not named */
function deleted(what: 'queue' | 'exchange', name = ''): EviError {
  const named = name === '' || name.startsWith('amq.gen') ? '' : ` "${name}"`
  return new EviError('unreachable', `The watched ${what}${named} was deleted on the broker.`)
}

/** Why the broker closed the channel of a consumer, as it does where messages stay unacknowledged for half an hour. */
function closedByBroker(error: unknown): EviError {
  const reply = replyOf(messageOf(error))
  const { kind, names } = readReply(reply?.text ?? '') ?? {}
  if (kind === 'no-queue') return deleted('queue', names?.queue)
  if (kind === 'no-exchange') return deleted('exchange', names?.exchange)
  const reason = reply ? replyText(reply) : messageOf(error)
  return new EviError('unreachable', `RabbitMQ closed the channel: ${reason}.`, { cause: error })
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Holds the whole process, as Node would be woken up by each dozen whatever else it waited for. */
function sleep(milliseconds: number): void {
  Atomics.wait(sleeper, 0, 0, milliseconds)
}

function cut(channel: Channel): void {
  const { stream } = (channel as ChannelInside).connection
  stream.destroy(new EviError('unreachable', 'it sends more than was asked for'))
}

/** The message as it was published. */
export function toReceived({ content: body, fields, properties }: Delivery | GetMessage): ReceivedMessage {
  const { exchange, routingKey, redelivered } = fields
  return { body, exchange, routingKey, redelivered, properties }
}

/** This message and those before it. */
function acknowledge(channel: Channel, last: Delivery): void {
  try {
    channel.ack(last as ConsumeMessage, true)
  } catch {
    // The connection is gone, or about to go, and with it the need to acknowledge.
  }
}
