import { defaultUser, type Socket } from '#lib/domain/socket/socket.ts'
import { onBroker, rabbitmqctl } from './remedies.ts'

/** A user's three patterns on a vhost. */
interface Patterns {
  readonly configure?: string
  readonly write?: string
  readonly read?: string
}

const nothing = '^$'
/** What RabbitMQ calls the default exchange in permissions. */
const defaultExchange = 'amq.default'
/** The queues that the broker names for evi. */
const ownQueues = '^amq\\.gen-.*$'

/** The command that lets a user publish to the socket's exchange, and no more. */
export function permitPublishing(socket: Socket, user: string): string {
  return permit(socket, user, { write: exactly(socket.exchange || defaultExchange) })
}

/** The command that lets a user watch the socket, as `evi tail` does, and no more. */
export function permitWatching(socket: Socket, user: string): string {
  const { exchange, routingKey } = socket
  if (exchange === '') {
    const queue = exactly(routingKey)
    return permit(socket, user, { configure: queue, write: queue, read: queue })
  }
  const read = `^(${escapePattern(exchange)}|amq\\.gen-.*)$`
  return permit(socket, user, { configure: ownQueues, write: ownQueues, read })
}

/** The command that lets a user have a queue of its own, publish to it and consume it, as `evi bench` does. */
export function permitOwnQueue(socket: Socket, user: string): string {
  const write = `^(amq\\.gen-.*|${escapePattern(defaultExchange)})$`
  return permit(socket, user, { configure: ownQueues, write, read: ownQueues })
}

/** Whether the broker named a queue for evi. */
export function isOwnQueue(queue: string): boolean {
  return queue.startsWith('amq.gen-')
}

/** What evi does on a channel: it decides which permission it needs. */
export type ChannelUse = 'publish' | 'watch'

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

/** The default user is the one to name only where a socket means it. */
export function userOf({ user, anonymous }: Socket): string {
  return anonymous && user === defaultUser ? 'USER' : user
}

/** A pattern of RabbitMQ's permissions that matches this name alone. */
function exactly(name: string): string {
  return `^${escapePattern(name)}$`
}

function escapePattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function permit(
  { vhost }: Socket,
  user: string,
  { configure = nothing, write = nothing, read = nothing }: Patterns,
): string {
  return rabbitmqctl('set_permissions', vhost, user, configure, write, read)
}
