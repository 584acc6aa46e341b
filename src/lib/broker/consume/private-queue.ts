import type { Channel, Options } from 'amqplib'
import type { ConsumerRequest } from '#lib/broker/broker.ts'
import { type Consumption, consume } from './consumer.ts'

/** A slow watcher never fills a broker: evi's own queue keeps this many events and drops the oldest. */
export const ownQueueLimit = 100_000
/** Messages in a millisecond, more than any broker puts into a queue. */
const fastest = 250
/**
 * Milliseconds between looks at evi's own queue while nothing comes. When a node fails, the others delete its transient queues by name,
 * a queue of that name made elsewhere in the meantime included, and its consumer hears nothing of it (RabbitMQ 3.10).
 */
const idleLookInterval = 1000

/** For a queue of evi's own, gone with its connection. */
export const ownQueueOptions: Options.AssertQueue = {
  exclusive: true,
  autoDelete: true,
  durable: false,
  arguments: { 'x-max-length': ownQueueLimit, 'x-overflow': 'drop-head' },
}

interface OwnConsumption extends Consumption, Pick<ConsumerRequest, 'onOverflow'> {
  /** The queue gets copies of what goes through it: with the exchange go the bindings, and RabbitMQ does not say so. */
  readonly exchange?: string
}

/** Shows what comes into evi's own queue, and reports when the queue overflows, or it or its exchange is gone. */
export async function consumeOwnQueue(channel: Channel, consumption: OwnConsumption): Promise<void> {
  const look = queueLook(channel, consumption)
  const timer = setInterval(look, idleLookInterval)
  channel.on('close', () => clearInterval(timer))
  await consume(channel, { ...consumption, beforeAcknowledging: look })
}

/**
 * Reports each time that the queue is found full, once. It is to look before an acknowledgement: that makes room, and
 * a queue that ran over while evi was stopped would look as if it had not.
 */
function queueLook(channel: Channel, { queue, exchange, onOverflow }: OwnConsumption): () => Promise<void> {
  let waiting = 0
  let last = performance.now()
  let looking: Promise<void> | undefined
  // Before that, the room that there was cannot have been used up.
  const isDue = () => (performance.now() - last) * fastest >= ownQueueLimit - waiting
  const look = async () => {
    try {
      const { messageCount } = await channel.checkQueue(queue)
      if (waiting < ownQueueLimit && messageCount >= ownQueueLimit) onOverflow(ownQueueLimit)
      waiting = messageCount
      if (exchange !== undefined) await channel.checkExchange(exchange)
    } catch {
      // The consumer has its listener for a channel that was closed, and the connection for itself.
    }
  }
  return async () => {
    if (!isDue()) return
    await looking
    if (!isDue()) return
    last = performance.now()
    // The answer is not waited for: the broker looks before it does what follows on the channel.
    looking = look()
  }
}
