import type { Message } from '#lib/broker/broker.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import type { ConfirmListener } from './confirm-channel.ts'
import type { Destination } from './destination.ts'

/** A message that waits for its channel. */
export interface WaitingMessage<M extends Message, C> {
  readonly message: M
  readonly destination: Destination<C>
  /** It was published before, unconfirmed. */
  readonly mayHaveArrived: boolean
  /** `isolated`: with no other in flight, as it may close the channel; `renewed`: on a channel that was opened after the wait began. */
  readonly manner: 'pipelined' | 'isolated' | 'renewed'
}

/** What a channel asks of the publisher that it is a part of. */
export interface ChannelOwner<M extends Message, C> extends ConfirmListener<M, C> {
  /** @param isReplacement another one was closed before */
  openChannel(isReplacement: boolean): Promise<ChannelInside>
  /** A message is sent again that may have arrived. */
  resending(message: M, destination: Destination<C>): void
  /** Something is known that others may wait for. */
  proceed(): void
  closed(channel: C, error: unknown): void
  /** The channel could not be opened. */
  unopened(error: unknown): void
}
