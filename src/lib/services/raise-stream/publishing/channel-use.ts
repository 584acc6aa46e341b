import type { ChannelUse } from '#lib/broker/broker.ts'

/**
 * The most channels to publish on: on one, RabbitMQ publishes with one core only. With more than four it has more work, and
 * less is left of a user's limit for others.
 */
const most = 4
/** Up to so many sockets, a second channel would save no time. */
const socketsForOne = 250

/** The channels for messages to so many sockets. @param isScarce the user was refused one */
export function channelsFor(sockets: number, isScarce = false): ChannelUse {
  return { most: isScarce ? 1 : Math.min(most, Math.ceil(sockets / socketsForOne)), isScarce }
}
