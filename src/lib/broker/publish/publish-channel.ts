import type { Message } from '#lib/broker/broker.ts'
import { failureOf, failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import { EviError } from '#lib/errors.ts'
import type { ChannelOwner, WaitingMessage } from './channel-owner.ts'
import { ConfirmChannel } from './confirm-channel.ts'
import type { Destination, ExchangeState } from './destination.ts'
import { type Unconfirmed, UnconfirmedMessages } from './unconfirmed.ts'

export type ChannelDestination<M extends Message> = Destination<PublishChannel<M>>

type Waiting<M extends Message> = WaitingMessage<M, PublishChannel<M>>
type Owner<M extends Message> = ChannelOwner<M, PublishChannel<M>>

type State<M extends Message> =
  | { readonly is: 'closed' | 'opening' }
  | { readonly is: 'open'; readonly channel: ConfirmChannel<M, PublishChannel<M>> }

/**
 * A channel with publisher confirms, for messages to many destinations, and opened again after the broker closed it. A
 * channel without confirms would be cheaper for the broker, but lose without a word what a queue rejects.
 */
export class PublishChannel<M extends Message> {
  readonly #owner: Owner<M>
  #state: State<M> = { is: 'closed' }
  /** Those of the last opening. */
  unconfirmed = new UnconfirmedMessages<M, ChannelDestination<M>>()
  waiting: Waiting<M>[] = []
  /** The exchange whose first message waits here, or is in flight. */
  trial: ExchangeState | undefined
  /** The delivery tag of the message that nothing follows until the broker has processed it; 0 where there is none. */
  #aloneTag = 0
  /** The exchange that this message tries. */
  #tried: ExchangeState | undefined

  constructor(owner: Owner<M>) {
    this.#owner = owner
  }

  /** @throws why it could not be opened */
  async open(isReplacement = false): Promise<void> {
    this.#state = { is: 'opening' }
    const opened = await this.#owner.openChannel(isReplacement)
    const isCurrent = () => this.unconfirmed === channel.unconfirmed
    const channel = new ConfirmChannel<M, PublishChannel<M>>(opened, this.#owner, {
      onConfirms: () => {
        if (this.#aloneTag > 0 || this.waiting.length > 0) this.#learn()
      },
      onPinged: () => {
        if (isCurrent()) this.#learn()
      },
      onClosed: (error) => {
        if (isCurrent() && this.#state.is === 'open') this.#closed(error)
      },
    })
    this.unconfirmed = channel.unconfirmed
    this.#aloneTag = 0
    this.#state = { is: 'open', channel }
  }

  /** Whether a message to the destination can follow at once what is in flight. */
  takes({ exchangeState, rest }: ChannelDestination<M>): boolean {
    return (
      this.#aloneTag === 0 &&
      this.waiting.length === 0 &&
      this.#state.is === 'open' &&
      exchangeState.isTried &&
      !rest.isOn
    )
  }

  /** Encodes the message for the next flush. @throws EviError `data` for properties that cannot be sent */
  send(message: M, destination: ChannelDestination<M>, mayHaveArrived = false): void {
    if (this.#state.is !== 'open') throw new Error('A message was published on a channel that is not open.')
    this.#state.channel.send(message, destination, mayHaveArrived)
  }

  /** Sends what waits, as far as it can follow what is in flight. */
  pump(): void {
    while (true) {
      const next = this.waiting[0]
      if (!next) return
      if (this.#state.is === 'closed') void this.#reopen()
      if (this.#state.is !== 'open') return
      const failure = next.destination.failure()
      if (!failure && !this.#mayGo(next)) return
      this.waiting.shift()
      if (failure) this.#failUnsent(next, failureOfOpen(next, failure))
      else if (next.manner === 'pipelined' && !next.destination.exchangeState.isTried)
        this.#owner.trials.hold(next)
      else this.#send(next)
    }
  }

  #send(next: Waiting<M>): void {
    const { message, destination, mayHaveArrived, manner } = next
    if (mayHaveArrived) this.#owner.resending(message, destination)
    try {
      this.send(message, destination, mayHaveArrived)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.#failUnsent(next, failureOf(error))
      return
    }
    if (manner === 'pipelined') return
    this.#aloneTag = this.unconfirmed.lastTag
    if (manner === 'trial') this.#tried = destination.exchangeState
  }

  #failUnsent({ message, destination, manner }: Waiting<M>, failure: PublishFailure): void {
    this.#owner.settle(message, destination, failure)
    if (manner === 'trial') this.#owner.trials.ended(this, destination.exchangeState)
  }

  /** Asks the broker to say soon whether it has processed the message that nothing may follow. */
  hurry(): void {
    if (this.#aloneTag > 0) void this.ping()
  }

  /** Whether the broker answers on this channel; it has processed what was published before then. */
  async ping(): Promise<boolean> {
    return this.#state.is !== 'open' || (await this.#state.channel.ping())
  }

  /** Removes and returns the messages that others overtook, in flight for at least so many milliseconds. */
  takeOvertaken(milliseconds: number): Unconfirmed<M, ChannelDestination<M>>[] {
    return this.#state.is === 'open' ? this.#state.channel.takeOvertaken(milliseconds) : []
  }

  /** Stops listening, and closes the channel where it is open. */
  close(): void {
    if (this.#state.is !== 'open') return
    const { channel } = this.#state
    this.#state = { is: 'closed' }
    channel.close()
  }

  #closed(error: unknown): void {
    this.#state = { is: 'closed' }
    const tried = this.#tried
    this.#tried = undefined
    this.#owner.closed(this, error, tried)
  }

  #mayGo({ manner }: Waiting<M>): boolean {
    if (this.#aloneTag > 0) {
      void this.ping()
      return false
    }
    if (manner === 'pipelined') return true
    const isIdle = this.unconfirmed.size === 0
    if (manner !== 'renewed') return isIdle
    if (isIdle) this.#renew()
    return false
  }

  /** Closes the channel, so that what waits goes on another one. */
  #renew(): void {
    this.close()
    this.waiting = this.waiting.map((one) =>
      one.manner === 'renewed' ? { ...one, manner: 'pipelined' } : one,
    )
    void this.#reopen()
  }

  async #reopen(): Promise<void> {
    try {
      await this.open(true)
      this.#owner.proceed()
    } catch (error) {
      this.#owner.unopened(error)
    }
  }

  /** The broker has processed some messages: those that waited for it may go. */
  #learn(): void {
    const { processedTag } = this.unconfirmed
    if (this.#aloneTag > 0 && processedTag >= this.#aloneTag) {
      this.#aloneTag = 0
      this.#endTrial()
    }
    this.#owner.proceed()
  }

  #endTrial(): void {
    const tried = this.#tried
    if (!tried) return
    this.#tried = undefined
    tried.isTried = true
    tried.rest.end()
    this.#owner.trials.ended(this, tried)
  }
}
