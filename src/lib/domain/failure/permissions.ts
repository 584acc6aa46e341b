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

/** The command that lets a user publish with the routing key to a topic exchange. */
export function permitTopic({ vhost }: Socket, user: string, exchange: string, key: string): string {
  return rabbitmqctl('set_topic_permissions', vhost, user, exchange, exactly(key), '.*')
}

/** A command that grants something, with what it does to the permissions there are. */
export function grant(socket: Socket, user: string, command: string): string {
  const seen = rabbitmqctl('list_user_permissions', '/', user)
  return [
    `Grant it${onBroker(socket)}: ${command}`,
    `That replaces the permissions that the user has on this vhost; see them first, and keep them by pattern|pattern: ${seen}`,
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
