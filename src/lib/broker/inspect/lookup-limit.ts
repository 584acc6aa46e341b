import type { ChannelModel } from 'amqplib'
import pLimit, { type LimitFunction } from 'p-limit'
import { insideOf } from '#lib/broker/wire/amqplib-internals.ts'

/** Lookups that are open together, each on a channel of its own. */
const lookupsTogether = 4

/** Lets lookups wait for each other, as a broker may allow few channels on the connection. */
export function lookupLimit(model: ChannelModel): LimitFunction {
  const { channelMax } = insideOf(model)
  return pLimit(Math.min(lookupsTogether, channelMax || Number.POSITIVE_INFINITY))
}
