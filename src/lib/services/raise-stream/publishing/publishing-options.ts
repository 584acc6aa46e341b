import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { ConnectionListener } from './shared-connection.ts'

/** How the messages of a stream are published. */
export interface PublishingOptions<M extends Message> {
  /** Synchronous: what the broker rejects, or does not confirm for now, is retried. */
  readonly confirm: boolean
  readonly properties: MessageProperties
  /** Maximum unconfirmed messages in flight on one connection. */
  readonly window: number
  /** Milliseconds to retry while nothing is confirmed. */
  readonly retryFor: number
  /** Nothing more is sent or retried; what is in flight is waited for no longer than a reply may take. */
  readonly signal: AbortSignal
  readonly listener: ConnectionListener
  /** Called once for each message and socket. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
  /** Called before a message is sent again that may have arrived. */
  readonly resending: (message: M, socket: Socket) => void
}
