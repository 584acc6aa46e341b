import type { ConsumeMessage } from 'amqplib'
import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import { failureOf, failureOfOpen } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ChannelOwner, WaitingMessage } from './channel-owner.ts'
import type { Destination, ExchangeState } from './destination.ts'
import { MessageAges } from './message-ages.ts'
import { rejected, returned } from './outcomes.ts'
import { type Unconfirmed, UnconfirmedMessages } from './unconfirmed.ts'

export type ChannelDestination<M extends Message> = Destination<PublishChannel<M>>

type Waiting<M extends Message> = WaitingMessage<M, PublishChannel<M>>
type Owner<M extends Message> = ChannelOwner<M, PublishChannel<M>>

/**
 * A channel with publisher confirms, for messages to many destinations, and opened again after the broker closed it. A
 * channel without confirms would be cheaper for the broker, but lose without a word what a queue rejects.
 */
export class PublishChannel<M extends Message> {
  readonly #owner: Owner<M>
  #state: { readonly is: 'closed' | 'opening' } | { readonly is: 'open'; readonly channel: ChannelInside } = {
    is: 'closed',
  }
  unconfirmed = new UnconfirmedMessages<M, ChannelDestination<M>>()
  waiting: Waiting<M>[] = []
  /** The delivery tag of the message that nothing follows until the broker has processed it; 0 where there is none. */
  #aloneTag = 0
  /** The exchange that this message tries. */
  #tried: ExchangeState<PublishChannel<M>> | undefined
  #pinging: Promise<boolean> | undefined
  #ages = new MessageAges()

  constructor(owner: Owner<M>) {
    this.#owner = owner
  }

  /** @throws why it could not be opened */
  async open(isReplacement = false): Promise<void> {
    this.#state = { is: 'opening' }
    const channel = await this.#owner.openChannel(isReplacement)
    const unconfirmed = new UnconfirmedMessages<M, ChannelDestination<M>>()
    this.unconfirmed = unconfirmed
    this.#aloneTag = 0
    this.#ages = new MessageAges()
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
        this.#owner.settle(message, destination, failureOfOpen(next, failure))
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

  /** Removes and returns the messages that others overtook, in flight for at least so many milliseconds. */
  takeOvertaken(milliseconds: number): Unconfirmed<M, ChannelDestination<M>>[] {
    return this.#ages.takeOvertaken(this.unconfirmed, milliseconds)
  }

  /** Stops listening, and closes the channel where it is open. */
  close(): void {
    if (this.#state.is !== 'open') return
    const { channel } = this.#state
    this.#state = { is: 'closed' }
    this.#owner.buffer.flush()
    // Closing fails where the channel is closed already.
    channel.close().catch(() => {})
  }

  #mayGo({ destination: { exchangeState }, manner }: Waiting<M>): boolean {
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
      await this.open(true)
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

  #settle({ deliveryTag, multiple }: Confirm, outcomeFor: (socket: Socket) => PublishOutcome): void {
    const settled = this.unconfirmed.settle(deliveryTag, multiple, (message, destination, wasReturned) => {
      const { socket, rest } = destination
      if (rest.isOn) rest.end()
      const { encoders } = this.#owner
      const end = wasReturned ? returned(socket, encoders.propertiesOf(message)) : outcomeFor(socket)
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

const confirmation = { status: 'confirmed' } as const
const confirmed = () => confirmation
