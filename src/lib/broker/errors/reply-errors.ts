import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import {
  type ChannelUse,
  grant,
  grantTopic,
  harmlesslyWatched,
  permitPublishing,
  permitTopics,
  permitWatching,
  userOf,
  withRefused,
} from '#lib/domain/failure/permissions.ts'
import {
  noExchange,
  noQueue,
  onBroker,
  queueDown,
  rabbitmqctl,
  useOuterExchange,
} from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing, TopicPermissionMissing } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import { type KnownReply, readReply } from './broker-replies.ts'
import { quoteReply, replyText } from './reply-text.ts'

export interface ReplyContext {
  readonly socket: Socket
  readonly use: ChannelUse
  readonly cause: unknown
}

/** The broker's reply as an error: its own sentence, and the remedy where the table knows the whole sentence. */
export function replyError(reply: Reply, context: ReplyContext): EviError {
  const { cause, socket } = context
  const known = readReply(reply.text)
  const { code, transient } = known ?? { code: codeOf(reply), transient: undefined }
  const missing = known && missingThing(known, socket, quoteReply(reply))
  const message = missing?.reason ?? `RabbitMQ refused: ${replyText(reply)}.`
  if (known?.kind === 'exchange-refused' || known?.kind === 'queue-refused')
    return permissionError(message, known, context)
  if (known?.kind === 'topic-refused') return topicError(message, known, context)
  const hint = missing?.hint ?? (known && hintFor(known, context))
  return new EviError(code, message, { hint, transient, cause })
}

/** What helps against the end of a connection. @param place the hosts of the broker */
export function connectionHint(
  known: KnownReply | undefined,
  place: Pick<Socket, 'hosts'>,
): string | undefined {
  switch (known?.kind) {
    case 'channel-limit':
      return `Close other channels, or raise the limit${seeLimit(known, place, 'channel_max, channel_max_per_node')}`
    case 'connection-limit':
      return `Close other connections, or raise the limit${seeLimit(known, place, 'connection_max')}`
    case 'vhost-down':
      return `Restart it${onBroker(place)}: ${rabbitmqctl('restart_vhost', known.names.down ?? '/')}`
    case 'credential-expired':
      return 'Give a new token as the password.'
    default:
      return undefined
  }
}

/** Where a limit is set: for a vhost, for a user, or in the node's configuration. */
function seeLimit(
  { kind, names: { vhost, user } }: KnownReply,
  place: Pick<Socket, 'hosts'>,
  key: string,
): string {
  if (kind === 'connection-limit' && vhost !== undefined)
    return `; see it${onBroker(place)}: ${rabbitmqctl('list_vhost_limits', vhost)}`
  if (user !== undefined)
    return `; see it${onBroker(place)}: ${rabbitmqctl('list_user_limits', '/', '--user', user)}`
  return `${onBroker(place)}, ${key} in its rabbitmq.conf.`
}

function permissionError(
  message: string,
  { names }: KnownReply,
  { socket, use, cause }: ReplyContext,
): PermissionMissing {
  const user = userNamed(names, socket)
  return new PermissionMissing(message, {
    user,
    isToRead: use === 'read',
    hintFor: (command) => grant(socket, user, command),
    command: permissionFor(names, { socket, use, user }),
    cause,
  })
}

function topicError(
  message: string,
  { names }: KnownReply,
  { socket, use, cause }: ReplyContext,
): TopicPermissionMissing {
  const topic = {
    user: userNamed(names, socket),
    exchange: names.exchange ?? socket.exchange,
    key: names.key ?? socket.routingKey,
    isToPublish: use === 'publish',
  }
  return new TopicPermissionMissing(message, {
    ...topic,
    hintFor: (command) => grantTopic(socket, topic.user, command),
    command: permitTopics(socket, topic, withRefused({ write: new Set(), read: new Set() }, topic)),
    cause,
  })
}

/** RabbitMQ names the user that it knows, which a certificate's login may give another name. */
function userNamed(names: KnownReply['names'], socket: Socket): string {
  return names.user ?? userOf(socket)
}

/** The command that grants what the reply names: another exchange or queue than the socket's, where evi uses one. */
function permissionFor(
  { exchange }: KnownReply['names'],
  { socket, use, user }: Pick<ReplyContext, 'socket' | 'use'> & { readonly user: string },
): string {
  const refused = exchange === undefined ? socket : { ...socket, exchange }
  if (use === 'publish') return permitPublishing(refused, user)
  return permitWatching(harmlesslyWatched(refused, use === 'read' && refused.exchange === ''), user)
}

/** The class of a reply that is not in the table, which decides the exit code alone (AMQP 0-9-1, 1.2). */
function codeOf({ code }: Reply): ErrorCode {
  if (code === 403) return 'refused'
  return code === 541 || code === 320 ? 'unreachable' : 'precondition'
}

function missingThing({ kind, names }: KnownReply, socket: Socket, quote: string) {
  const { exchange, queue, vhost = socket.vhost } = names
  if (kind === 'no-exchange')
    return noExchange({ ...socket, vhost, exchange: exchange ?? socket.exchange }, quote)
  if (kind !== 'no-queue') return undefined
  return noQueue({ ...socket, vhost, exchange: '', routingKey: queue ?? socket.routingKey }, quote)
}

function hintFor({ kind, names }: KnownReply, { socket }: ReplyContext): string | undefined {
  switch (kind) {
    case 'internal-exchange':
      return useOuterExchange
    case 'queue-down':
      return queueDown(socket)
    case 'queue-limit':
      return names.vhost === undefined
        ? `Delete queues, or raise the limit${onBroker(socket)}, cluster_queue_limit in its rabbitmq.conf.`
        : `Delete queues, or raise the limit; see it${onBroker(socket)}: ${rabbitmqctl('list_vhost_limits', names.vhost)}`
    case 'queue-locked':
      return `The queue belongs to another connection; see whose${onBroker(socket)}: ${rabbitmqctl('list_queues', socket.vhost, 'name', 'owner_pid')}`
    case 'message-too-large':
      return 'Send less, or raise the limit on the broker, max_message_size in its rabbitmq.conf.'
    default:
      return connectionHint({ kind, names, code: 'unreachable', transient: true }, socket)
  }
}
