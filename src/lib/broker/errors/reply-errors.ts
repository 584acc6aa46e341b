import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import {
  grant,
  permitPublishing,
  permitTopic,
  permitWatching,
  userOf,
} from '#lib/domain/failure/permissions.ts'
import { noExchange, noQueue, onBroker, queueDown, rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import { type KnownReply, readReply } from './broker-replies.ts'
import { replyText } from './reply-text.ts'

/** What evi did on a channel that the broker closed: it decides which permission is missing. */
export type ChannelUse = 'publish' | 'watch'

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
  const missing = known && missingThing(known, socket)
  const message = missing?.reason ?? `RabbitMQ refused: ${replyText(reply)}.`
  const hint = missing?.hint ?? (known && hintFor(known, context))
  return new EviError(code, message, { hint, transient, cause })
}

/** What helps against the end of a connection. */
export function connectionHint(known: KnownReply | undefined): string | undefined {
  switch (known?.kind) {
    case 'channel-limit':
      return 'Close other channels of this user or node, or raise the limit: rabbitmqctl list_user_limits, channel_max'
    case 'connection-limit':
      return 'Close other connections, or raise the limit; see both: rabbitmqctl list_connections; rabbitmqctl list_vhost_limits; rabbitmqctl list_user_limits'
    case 'credential-expired':
      return 'Give a new token as the password.'
    default:
      return undefined
  }
}

/** The class of a reply that is not in the table, which decides the exit code alone (AMQP 0-9-1, 1.2). */
function codeOf({ code }: Reply): ErrorCode {
  if (code === 403) return 'refused'
  return code === 541 || code === 320 ? 'unreachable' : 'precondition'
}

function missingThing({ kind, names }: KnownReply, socket: Socket) {
  const { exchange, queue, vhost = socket.vhost } = names
  if (kind === 'no-exchange') return noExchange({ ...socket, vhost, exchange: exchange ?? socket.exchange })
  if (kind !== 'no-queue') return undefined
  return noQueue({ ...socket, vhost, exchange: '', routingKey: queue ?? socket.routingKey })
}

function hintFor({ kind, names }: KnownReply, { socket, use }: ReplyContext): string | undefined {
  // RabbitMQ names the user that it knows, which a certificate's login may give another name.
  const user = names.user ?? userOf(socket)
  switch (kind) {
    case 'exchange-refused':
    case 'queue-refused':
      return grant(
        socket,
        user,
        use === 'publish' ? permitPublishing(socket, user) : permitWatching(socket, user),
      )
    case 'topic-refused':
      return `It is a permission on topics that is missing. Grant it${onBroker(socket)}: ${permitTopic(socket, user, names.exchange ?? socket.exchange, names.key ?? socket.routingKey)}\nThat replaces the user's topic permission on this exchange; see it first: ${rabbitmqctl('list_user_topic_permissions', '/', user)}`
    case 'internal-exchange':
      return 'Only other exchanges can publish to it. Use the exchange that is bound to it.'
    case 'queue-down':
      return queueDown(socket)
    case 'queue-limit':
      return `Delete queues, or raise the limit; see it${onBroker(socket)}: ${rabbitmqctl('list_vhost_limits', socket.vhost)}`
    case 'queue-locked':
      return `The queue belongs to another connection; see whose${onBroker(socket)}: ${rabbitmqctl('list_queues', socket.vhost, 'name', 'owner_pid')}`
    case 'message-too-large':
      return "Send less, or raise the broker's max_message_size."
    default:
      return connectionHint({ kind, names, code: 'unreachable', transient: true })
  }
}
