import type { Channel, Options } from 'amqplib'
import type { TapRequest } from './broker.ts'
import { type Consumption, consume } from './tap-consumer.ts'

/** A slow watcher never fills a broker: the tap's queue keeps this many events and drops the oldest. */
export const tapQueueLimit = 100_000
/** Milliseconds between looks at the tap's own queue; no broker fills half of it in that time. */
const lookInterval = 200

/** For a queue of the tap's own, gone with its connection. */
export const tapQueueOptions: Options.AssertQueue = {
  exclusive: true,
  autoDelete: true,
  durable: false,
  arguments: { 'x-max-length': tapQueueLimit, 'x-overflow': 'drop-head' },
}

/** Shows what comes into the tap's own queue, and tells when the queue runs over. */
export async function consumeOwnQueue(
  channel: Channel,
  consumption: Consumption & Pick<TapRequest, 'onOverflow'>,
): Promise<void> {
  const beforeAcknowledging = overflowLook(channel, consumption.queue, consumption.onOverflow)
  await consume(channel, { ...consumption, beforeAcknowledging })
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
