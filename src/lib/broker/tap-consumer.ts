import type { Channel, ConsumeMessage, Message } from 'amqplib'
import type { TappedMessage, TapRequest } from './broker.ts'

/** Messages on their way before an acknowledgement; one for each half of it costs the least (PERFORMANCE). */
const window = 1000

export interface Consumption {
  readonly queue: string
  readonly arguments?: Readonly<Record<string, unknown>>
  /** Undefined for a delivery that is not to be shown. */
  readonly read: (delivery: ConsumeMessage) => TappedMessage | undefined
  readonly onMessage: TapRequest['onMessage']
  /** Somebody deleted the queue on the broker. */
  readonly onDeleted: () => void
  readonly beforeAcknowledging?: () => Promise<void>
}

/** One message after the other; the window is acknowledged in halves, once its messages are written. */
export async function consume(channel: Channel, consumption: Consumption): Promise<void> {
  const { queue, read, onMessage, onDeleted, beforeAcknowledging = async () => {} } = consumption
  await channel.prefetch(window)
  let unacknowledged = 0
  let before: Promise<unknown> = Promise.resolve()
  const onDelivery = (delivery: ConsumeMessage | null) => {
    if (delivery === null) return onDeleted()
    before = before.then(async () => {
      const message = read(delivery)
      if (message) await onMessage(message)
      if (++unacknowledged < window / 2) return
      unacknowledged = 0
      await beforeAcknowledging()
      try {
        channel.ack(delivery, true)
      } catch {
        // The connection is gone, or about to go, and with it the need to acknowledge.
      }
    })
  }
  await channel.consume(queue, onDelivery, { arguments: consumption.arguments })
}

/** The message as it was published. */
export function toTapped({ content, fields, properties }: Message): TappedMessage {
  const set = Object.entries(properties).filter(([, value]) => value !== undefined)
  return {
    body: content,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    redelivered: fields.redelivered,
    properties: Object.fromEntries(set),
  }
}
