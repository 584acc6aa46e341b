/**
 * Milliseconds in which RabbitMQ still counts a closed channel, or those of a closed connection, to the limit of their
 * user; a channel that is opened sooner may be refused.
 */
export const closedChannelsLinger = 200
