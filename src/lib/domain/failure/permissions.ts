import { defaultUser, type Socket } from '#lib/domain/socket/socket.ts'
import { onBroker, rabbitmqctl } from './remedies.ts'

/** Patterns of what a user may do on a vhost. */
interface Patterns {
  readonly configure?: Iterable<string>
  readonly write?: Iterable<string>
  readonly read?: Iterable<string>
}

const nothing = '^$'
/** What RabbitMQ calls the default exchange in permissions. */
export const defaultExchange = 'amq.default'
/** The queues that the broker names for evi. */
const ownQueues = 'amq\\.gen-.*'
/** Where RabbitMQ publishes a copy of each message of a vhost that is traced, as `publish.EXCHANGE`. */
export const traceExchange = 'amq.rabbitmq.trace'

/**
 * How a socket is watched: by a queue of evi's own that gets copies of the exchange's or the firehose's messages, by one
 * that stands in for the socket's, or by reading its queue.
 */
type WatchedBy = 'copy' | 'firehose' | 'stand-in' | 'read'

export interface WatchedPlace {
  readonly socket: Socket
  readonly by: WatchedBy
}

/** A place that is watched without taking anything: by a queue of evi's own, but where its queue is known to be there. */
export function harmlesslyWatched(socket: Socket, isThere = false): WatchedPlace {
  if (isThere) return { socket, by: 'read' }
  return { socket, by: socket.exchange === '' ? 'stand-in' : 'copy' }
}

/** Names in one command that can be read at a glance. */
const mostNames = 20

/** What one has to configure, write and read, as patterns. */
export interface Needs {
  readonly configure: ReadonlySet<string>
  readonly write: ReadonlySet<string>
  readonly read: ReadonlySet<string>
}

/**
 * The command that lets a user publish to the socket's exchange, and no more.
 *
 * @param all of what the user needs in the vhost, as the command replaces what the user may do there
 */
export function permitPublishing(socket: Socket, user: string, all = publishingNeeds([socket])): string {
  return permit(socket, user, all.write.size <= mostNames ? all : publishingNeeds([socket]))
}

/** What it takes to publish to all of the sockets' exchanges, and to watch the places beside. */
export function publishingNeeds(sockets: readonly Socket[], watched: readonly WatchedPlace[] = []): Needs {
  const { configure, write, read } = watchingNeeds(watched)
  const exchanges = sockets.map(({ exchange }) => escapePattern(exchange || defaultExchange))
  return { configure, write: new Set([...write, ...exchanges]), read }
}

/**
 * The command that lets a user watch a place, as `evi tail` does, and no more.
 *
 * @param all of the places that the user watches in the vhost, as the command replaces what the user may do there
 */
export function permitWatching(place: WatchedPlace, user: string, all = watchingNeeds([place])): string {
  return permit(place.socket, user, all.read.size <= mostNames ? all : watchingNeeds([place]))
}

/** What it takes to watch all of the places. */
export function watchingNeeds(places: readonly WatchedPlace[]): Needs {
  const [configure, write, read] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const { socket, by } of places) {
    const isOwn = by === 'copy' || by === 'firehose'
    const source = by === 'firehose' ? traceExchange : isOwn ? socket.exchange : socket.routingKey
    read.add(escapePattern(source))
    if (by === 'stand-in') configure.add(escapePattern(source))
    if (isOwn) for (const needs of [configure, write, read]) needs.add(ownQueues)
  }
  return { configure, write, read }
}

/** The command that lets a user have a queue of its own and publish to it, as `evi bench` does, and no more. */
export function permitOwnQueue(socket: Socket, user: string): string {
  return permit(socket, user, { configure: [ownQueues], write: [escapePattern(defaultExchange)] })
}

/** What evi does on a channel: it decides which permission it needs. `read`: what is there already. */
export type ChannelUse = 'publish' | 'watch' | 'read'

interface TopicPermission {
  readonly user: string
  readonly exchange: string
  readonly key: string
  readonly use: ChannelUse
}

/** How to let a user publish, or bind, with the routing key at a topic exchange, and no more. */
export function grantTopic(socket: Socket, { user, exchange, key, use }: TopicPermission): string {
  const [write, read] = use === 'publish' ? [exactly(key), nothing] : [nothing, exactly(key)]
  return [
    `A permission on topics is missing. What "${user}" has${onBroker(socket)}: ${rabbitmqctl('list_user_topic_permissions', '/', user)}`,
    `Grant it there; that replaces the patterns shown for this exchange, so keep those in use, as pattern|pattern: ${rabbitmqctl('set_topic_permissions', socket.vhost, user, exchange, write, read)}`,
  ].join('\n')
}

/** A command that grants something, behind one that shows what it replaces. */
export function grant(socket: Socket, user: string, command: string): string {
  const seen = rabbitmqctl('list_user_permissions', '/', user)
  return [
    `What "${user}" may do now${onBroker(socket)}: ${seen}`,
    `Grant it there; that replaces the patterns shown for this vhost, so keep those in use, as pattern|pattern: ${command}`,
  ].join('\n')
}

/** A command that grants something to a user who has nothing on the vhost, which it therefore replaces nothing of. */
export function grantFirst(place: Pick<Socket, 'hosts'>, command: string): string {
  return `Grant it${onBroker(place)}; as the user has none on this vhost, that replaces nothing: ${command}`
}

/** The default user is the one to name only where a socket means it. */
export function userOf({ user, anonymous }: Socket): string {
  return anonymous && user === defaultUser ? 'USER' : user
}

/** A pattern of RabbitMQ's permissions that matches this name alone. */
function exactly(name: string): string {
  return anyOf([escapePattern(name)])
}

/** One that matches what one of the patterns does, and nothing else. */
function anyOf(patterns: Iterable<string>): string {
  const all = [...patterns]
  if (all.length === 0) return nothing
  return all.length === 1 ? `^${all[0]}$` : `^(${all.join('|')})$`
}

/** The part of a pattern that matches a name alone. */
export function escapePattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** The command that lets a user do what one of the patterns matches, and no more. */
export function permit(
  { vhost }: Pick<Socket, 'vhost'>,
  user: string,
  { configure = [], write = [], read = [] }: Patterns,
): string {
  return rabbitmqctl('set_permissions', vhost, user, anyOf(configure), anyOf(write), anyOf(read))
}
