import { defaultUser, type Socket } from '#lib/domain/socket/socket.ts'
import type { MissingTopic } from '#lib/errors.ts'
import { escapePattern, ownQueues, patternOf, withNotes } from './permission-patterns.ts'
import { onBroker, rabbitmqctl } from './remedies.ts'

/** Patterns of what a user may do on a vhost. */
interface Patterns {
  readonly configure?: Iterable<string>
  readonly write?: Iterable<string>
  readonly read?: Iterable<string>
}

/** What RabbitMQ calls the default exchange in permissions. */
export const defaultExchange = 'amq.default'
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

/** What one has to configure, write and read, as patterns. */
export interface Needs {
  readonly configure: ReadonlySet<string>
  readonly write: ReadonlySet<string>
  readonly read: ReadonlySet<string>
}

/** The command that lets a user publish to the socket's exchange, and no more. */
export function permitPublishing(socket: Socket, user: string): string {
  return permit(socket, user, publishingNeeds([socket]))
}

/** What it takes to publish to all of the sockets' exchanges, and to watch the places beside. */
export function publishingNeeds(sockets: readonly Socket[], watched: readonly WatchedPlace[] = []): Needs {
  const { configure, write, read } = watchingNeeds(watched)
  const exchanges = sockets.map(({ exchange }) => escapePattern(exchange || defaultExchange))
  return { configure, write: new Set([...write, ...exchanges]), read }
}

/** The command that lets a user watch a place, as `evi tail` does, and no more. */
export function permitWatching(place: WatchedPlace, user: string): string {
  return permit(place.socket, user, watchingNeeds([place]))
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

/** Routing keys that one publishes and binds with at a topic exchange. */
export interface TopicNeeds {
  readonly write: ReadonlySet<string>
  readonly read: ReadonlySet<string>
}

/** The routing keys that publishing to all sockets and watching the places takes at a topic exchange. */
export function topicNeeds(
  exchange: string,
  sockets: readonly Socket[],
  watched: readonly WatchedPlace[],
): TopicNeeds {
  const written = sockets.filter((socket) => socket.exchange === exchange).map(({ routingKey }) => routingKey)
  const bound = watched.flatMap(({ socket, by }) => {
    if (by === 'firehose') return exchange === traceExchange ? tracedKey(socket) : []
    return by === 'copy' && socket.exchange === exchange ? socket.routingKey : []
  })
  return { write: new Set(written), read: new Set(bound) }
}

/** With the routing key that was refused, which a recorded message's headers may have named. */
export function withRefused(
  { write, read }: TopicNeeds,
  { key, isToPublish }: Pick<MissingTopic, 'key' | 'isToPublish'>,
): TopicNeeds {
  return isToPublish ? { write: new Set([...write, key]), read } : { write, read: new Set([...read, key]) }
}

/** With what the firehose is bound to for a socket's exchange. */
export function tracedKey({ exchange }: Pick<Socket, 'exchange'>): string {
  return `publish.${exchange}`
}

/**
 * The command that lets a user publish and bind with routing keys at a topic exchange, and no more.
 *
 * @param all of what the user needs there, as the command replaces what the user may do at the exchange
 */
export function permitTopics(
  { vhost }: Pick<Socket, 'vhost'>,
  { user, exchange }: Pick<MissingTopic, 'user' | 'exchange'>,
  { write, read }: TopicNeeds,
): string {
  const both = [write, read].map((keys) => patternOf([...keys].map(escapePattern)))
  const patterns = both.map(({ pattern }) => pattern)
  const command = rabbitmqctl('set_topic_permissions', vhost, user, exchange, ...patterns)
  return withNotes(command, 'routing keys', both)
}

/** A command that grants something on topics, behind one that shows what it replaces. */
export function grantTopic(socket: Socket, user: string, command: string): string {
  const seen = rabbitmqctl('list_user_topic_permissions', '/', user)
  return [
    `A permission on topics is missing. What "${user}" has${onBroker(socket)}: ${seen}`,
    `Grant it there; that replaces the patterns shown for this exchange, so keep those in use, as pattern|pattern: ${command}`,
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

/** The command that lets a user do what one of the patterns matches, and no more. */
export function permit(
  { vhost }: Pick<Socket, 'vhost'>,
  user: string,
  { configure = [], write = [], read = [] }: Patterns,
): string {
  const all = [configure, write, read].map(patternOf)
  const command = rabbitmqctl('set_permissions', vhost, user, ...all.map(({ pattern }) => pattern))
  return withNotes(command, 'names', all)
}
