import type { ChannelModel } from 'amqplib'
import pLimit, { type LimitFunction } from 'p-limit'

/** Lookups that are open together, each on a channel of its own. */
const lookupsTogether = 4

/** Lets lookups wait for each other, as a broker may allow few channels on the connection. */
export function lookupLimit({ connection }: ChannelModel): LimitFunction {
  // amqplib keeps to itself what was negotiated; 0 stands for no limit.
  const { channelMax } = connection as unknown as { readonly channelMax: number }
  return pLimit(Math.min(lookupsTogether, channelMax || Number.POSITIVE_INFINITY))
}
