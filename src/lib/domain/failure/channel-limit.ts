/**
 * Milliseconds in which RabbitMQ still counts the channels of a closed connection to the limit of their user; one that is
 * opened sooner may be refused.
 */
export const closedChannelsLinger = 200

/** Milliseconds; measured with a broker that has nothing else to do, of which 2 were enough. */
const shortestLinger = 20
const longestLinger = 500

/**
 * Milliseconds in which RabbitMQ may still count one closed channel. A busy broker forgets it later, and opens one later,
 * too: of 300 channels, each opened five times the time of an opening after the last one was closed, it refused none.
 *
 * @param openedIn milliseconds that it took to open the channel
 */
export function closedChannelLinger(openedIn: number): number {
  return Math.min(Math.max(5 * openedIn, shortestLinger), longestLinger)
}
