import type { ConsumeMessage } from 'amqplib'
import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { ChannelInside } from '#lib/broker/wire/frame.ts'
import { doubtful, failureOf } from '#lib/domain/failure/failure.ts'
import { EviError } from '#lib/errors.ts'
import type { Destination, ExchangeState } from './destination.ts'
import type { Encoders } from './encoders.ts'
import { rejected, returned } from './outcomes.ts'
import { type Unconfirmed, UnconfirmedMessages } from './unconfirmed.ts'
import type { WriteBuffer } from './write-buffer.ts'

export type ChannelDestination<M extends Message> = Destination<PublishChannel<M>>

/** A message that waits for its channel. */
export interface WaitingMessage<M extends Message> {
  readonly message: M
  readonly destination: ChannelDestination<M>
  /** It was published before, unconfirmed. */
  readonly mayHaveArrived: boolean
  /** `isolated`: with no other in flight, as it may close the channel; `renewed`: on a channel that was opened after the wait began. */
  readonly manner: 'pipelined' | 'isolated' | 'renewed'
}

/** What a channel asks of the publisher that it is a part of. */
export interface ChannelOwner<M extends Message> {
  readonly buffer: WriteBuffer
  readonly encoders: Encoders<M>
  openChannel(): Promise<ChannelInside>
  settle(message: M, destination: ChannelDestination<M>, outcome: PublishOutcome): void
  /** The broker has answered for messages. */
  progressed(): void
  /** A message is sent again that may have arrived. */
  resending(message: M, destination: ChannelDestination<M>): void
  /** Something is known that others may wait for. */
  proceed(): void
  closed(channel: PublishChannel<M>, error: unknown): void
  /** The channel could not be opened. */
  unopened(error: unknown): void
}

/**
 * A channel with publisher confirms, for messages to many destinations, and opened again after the broker closed it. A
 * channel without confirms would be cheaper for the broker, but lose in silence what a queue rejects.
 */
export class PublishChannel<M extends Message> {
  readonly #owner: ChannelOwner<M>
  #state: { readonly is: 'closed' | 'opening' } | { readonly is: 'open'; readonly channel: ChannelInside } = {
    is: 'closed',
  }
  unconfirmed = new UnconfirmedMessages<M, ChannelDestination<M>>()
  waiting: WaitingMessage<M>[] = []
  /** The delivery tag of the message that nothing follows until the broker has processed it; 0 where there is none. */
  #aloneTag = 0
  /** The exchange that this message tries. */
  #tried: ExchangeState<PublishChannel<M>> | undefined
  #pinging: Promise<boolean> | undefined
  /** The last delivery tags at some times. */
  #marks: { readonly at: number; readonly tag: number }[] = []

  constructor(owner: ChannelOwner<M>) {
    this.#owner = owner
  }

  /** @throws why it could not be opened */
  async open(): Promise<void> {
    this.#state = { is: 'opening' }
    const channel = await this.#owner.openChannel()
    const unconfirmed = new UnconfirmedMessages<M, ChannelDestination<M>>()
    this.unconfirmed = unconfirmed
    this.#aloneTag = 0
    this.#marks = []
    this.#state = { is: 'open', channel }
    let closedBy: unknown
    channel.on('error', (error) => {
      closedBy = error
      // What was gathered must not follow amqplib's answer to the close.
      this.#owner.buffer.flush()
    })
    channel.on('close', () => {
      if (this.unconfirmed !== unconfirmed || this.#state.is !== 'open') return
      this.#state = { is: 'closed' }
      this.#endTrial(false)
      this.#owner.closed(this, closedBy)
    })
    channel.on('return', ({ fields, content }: ConsumeMessage) => unconfirmed.returned(fields, content))
    channel.on('ack', (confirm: Confirm) => this.#settle(confirm, confirmed))
    channel.on('nack', (confirm: Confirm) => this.#settle(confirm, rejected))
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
    const { channel } = this.#state
    const { buffer, encoders } = this.#owner
    // The destination's own is asked first, as this is done for each message of a stream.
    const encoder =
      (message.properties ? undefined : destination.encoder) ??
      encoders.encoderFor(message, destination, channel)
    buffer.add(encoder, channel.ch, message.body)
    this.unconfirmed.add(message, destination, mayHaveArrived)
  }

  /** Sends what waits, as far as it can follow what is in flight. */
  pump(): void {
    while (true) {
      const next = this.waiting[0]
      if (!next) return
      if (this.#state.is === 'closed') void this.#reopen()
      if (this.#state.is !== 'open') return
      const { message, destination, mayHaveArrived } = next
      const failure = destination.failure()
      if (!failure && !this.#mayGo(next)) return
      this.waiting.shift()
      if (failure) {
        this.#owner.settle(message, destination, mayHaveArrived ? doubtful(failure) : failure)
        continue
      }
      if (mayHaveArrived) this.#owner.resending(message, destination)
      try {
        this.send(message, destination, mayHaveArrived)
      } catch (error) {
        if (!(error instanceof EviError)) throw error
        this.#owner.settle(message, destination, failureOf(error))
        continue
      }
      const { exchangeState } = destination
      if (exchangeState.isTried && next.manner !== 'isolated') continue
      this.#aloneTag = this.unconfirmed.lastTag
      if (exchangeState.isTried) continue
      exchangeState.probe = this
      this.#tried = exchangeState
    }
  }

  /** Whether the broker answers on this channel; it has processed what was published before then. */
  async ping(): Promise<boolean> {
    if (this.#state.is !== 'open') return true
    this.#pinging ??= this.#ping(this.#state.channel)
    return await this.#pinging
  }

  /**
   * Removes and returns the messages in flight for at least so many milliseconds, though later ones were processed by then:
   * their queues keep them waiting, not the broker. To be called at intervals, which are the precision.
   */
  takeOvertaken(milliseconds: number): Unconfirmed<M, ChannelDestination<M>>[] {
    const now = performance.now()
    this.#marks.push({ at: now, tag: this.unconfirmed.lastTag })
    let tag = 0
    for (let mark = this.#marks[0]; mark && now - mark.at >= milliseconds - 1; mark = this.#marks[0]) {
      tag = mark.tag
      this.#marks.shift()
    }
    return this.unconfirmed.processedTag > tag ? this.unconfirmed.takeUntil(tag) : []
  }

  /** Stops listening, and closes the channel where it is open. */
  close(): void {
    if (this.#state.is !== 'open') return
    const { channel } = this.#state
    this.#state = { is: 'closed' }
    this.#owner.buffer.flush()
    // It fails where the channel is closed already, which is as good.
    channel.close().catch(() => {})
  }

  #mayGo({ destination: { exchangeState }, manner }: WaitingMessage<M>): boolean {
    if (this.#aloneTag > 0) {
      void this.ping()
      return false
    }
    const isIdle = this.unconfirmed.size === 0
    if (manner === 'renewed') {
      if (isIdle) this.#renew()
      return false
    }
    if (exchangeState.isTried) return manner === 'pipelined' || isIdle
    const { probe } = exchangeState
    if (probe) void probe.ping()
    return isIdle && !probe
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
      await this.open()
      this.#owner.proceed()
    } catch (error) {
      this.#owner.unopened(error)
    }
  }

  async #ping(channel: ChannelInside): Promise<boolean> {
    const { unconfirmed } = this
    const { lastTag } = unconfirmed
    this.#owner.buffer.flush()
    try {
      // Any request would do; this one changes nothing for a channel that consumes nothing.
      await channel.prefetch(0)
      unconfirmed.processed(lastTag)
      return true
    } catch {
      return false
    } finally {
      this.#pinging = undefined
      if (unconfirmed === this.unconfirmed) this.#learn()
    }
  }

  #settle({ deliveryTag, multiple }: Confirm, outcome: PublishOutcome): void {
    const settled = this.unconfirmed.settle(deliveryTag, multiple, (message, destination, wasReturned) => {
      const { socket, rest } = destination
      if (rest.isOn) rest.end()
      const { encoders } = this.#owner
      const end = wasReturned ? returned(socket, encoders.propertiesOf(message)) : outcome
      this.#owner.settle(message, destination, end)
    })
    // A confirm of no message is no progress, however many of them come.
    if (settled > 0) this.#owner.progressed()
    if (this.#aloneTag > 0 || this.waiting.length > 0) this.#learn()
  }

  /** The broker has processed some messages: those that waited for it may go. */
  #learn(): void {
    const { processedTag } = this.unconfirmed
    if (this.#aloneTag > 0 && processedTag >= this.#aloneTag) {
      this.#aloneTag = 0
      this.#endTrial(true)
    }
    this.#owner.proceed()
  }

  #endTrial(isTried: boolean): void {
    if (!this.#tried) return
    this.#tried.isTried = isTried
    this.#tried.probe = undefined
    if (isTried) this.#tried.rest.end()
    this.#tried = undefined
  }
}

interface Confirm {
  readonly deliveryTag: number
  readonly multiple: boolean
}

const confirmed = { status: 'confirmed' } as const
