import type { Message, OpenMessage } from '#lib/broker/broker.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import type { ConfirmListener } from './confirm-channel.ts'
import type { Destination, ExchangeState } from './destination.ts'

/** A message that waits for its channel. */
export interface WaitingMessage<M extends Message, C> {
  readonly message: M
  readonly destination: Destination<C>
  /** It was published before, unconfirmed. */
  readonly mayHaveArrived: boolean
  /**
   * `isolated`: with no other in flight, as it may close the channel; `trial`: likewise, the first one to its exchange;
   * `renewed`: on a channel that was opened after the wait began.
   */
  readonly manner: 'pipelined' | 'isolated' | 'trial' | 'renewed'
}

/** What a channel asks of the publisher that it is a part of. */
export interface ChannelOwner<M extends Message, C> extends ConfirmListener<M, C> {
  readonly trials: {
    /** Holds back a message to an exchange that was not tried. */
    hold(waiting: WaitingMessage<M, C>): void
    /** The first message to the exchange was processed, or failed without being sent. */
    ended(channel: C, exchangeState: ExchangeState): void
  }
  /** @param isReplacement another one was closed before */
  openChannel(isReplacement: boolean): Promise<ChannelInside>
  /** A message is sent again that may have arrived. */
  resending(message: M, destination: Destination<C>): void
  /** Something is known that others may wait for. */
  proceed(): void
  /** @param tried the exchange whose first message was in flight */
  closed(channel: C, error: unknown, tried: ExchangeState | undefined): void
  /** The channel could not be opened. */
  unopened(error: unknown): void
}

/** The message as its publisher's listener knows it. */
export function openMessage<M extends Message, C>(waiting: WaitingMessage<M, C>): OpenMessage<M> {
  const { message, destination, mayHaveArrived } = waiting
  return { message, socket: destination.socket, mayHaveArrived }
}
