import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

export interface Publication {
  readonly socket: Socket
  readonly body: Buffer
  readonly properties: MessageProperties
}

export interface Message {
  readonly body: Buffer
  /** Beside those that the publisher sets for all. */
  readonly properties?: MessageProperties | undefined
}

export interface PublisherRequest<M extends Message> {
  /** For every message, before its own. */
  readonly properties: MessageProperties
  readonly channels: ChannelUse
  /**
   * Milliseconds to wait for confirms, beyond the reply timeout, from a broker that answers everything else, as where a
   * queue has lost its leader; a broker that blocks publishers is waited for without limit. Where undefined, both are
   * failures after the reply timeout.
   */
  readonly stallLimit: number | undefined
  readonly listener: PublisherListener<M>
}

/** How many channels may be opened. */
export interface ChannelUse {
  /** The most; fewer where the broker allows fewer on a connection. */
  readonly most: number
  /** The user has few, so that one is opened in the place of another only after the broker has forgotten that. */
  readonly isScarce: boolean
}

export interface PublisherListener<M extends Message> {
  /** Called once for each message and socket: the broker has confirmed, returned, rejected or refused it. */
  settled(message: M, socket: Socket, outcome: PublishOutcome): void
  /** Called before a message is sent again that may have arrived, as the broker closed its channel for another one. */
  resending(message: M, socket: Socket): void
  /**
   * So many messages more, or fewer, are not in flight: the broker refused exchanges, and theirs waits until that was tried
   * as well.
   */
  held(change: number): void
  /** Called once, when nothing more comes: the connection is lost, or of no use. @param open in order for each socket */
  ended(reason: PublishFailure, open: readonly OpenMessage<M>[]): void
}

/** A message that is not settled. */
export interface OpenMessage<M extends Message> {
  readonly message: M
  readonly socket: Socket
  /** It was published, and not confirmed. */
  readonly mayHaveArrived: boolean
}

/** How a message is published that was published before. */
export interface PublishManner {
  /** `resending` is called for it. */
  readonly mayHaveArrived?: boolean
  /** On a channel that is opened after this call: one that met a queue without a leader may go on rejecting. */
  readonly renewed?: boolean
}

export interface Publisher<M extends Message> {
  /**
   * Gathers the message for the next `flush`. Messages to a socket keep their order.
   *
   * @param socket the same object for the same socket
   * @throws EviError `data` for properties that cannot be sent
   */
  publish(message: M, socket: Socket, manner?: PublishManner): void
  /** Sends what was gathered. */
  flush(): void
  /** The connection takes no more for now; what is sent nevertheless is kept in memory. */
  readonly congested: boolean
  /** Resolves when the connection takes more, or is gone. */
  drained(): Promise<void>
  /** Closes the channels and returns what is not settled; the listener is not called any more. */
  close(): readonly OpenMessage<M>[]
}

/** What became of a message; an asynchronous raise says `sent` where the broker confirmed. */
export type PublishOutcome = { readonly status: 'sent' | 'confirmed' } | PublishFailure
