import type { ConsumeMessage } from 'amqplib'
import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { Destination } from './destination.ts'
import type { Encoders } from './encoding/encoders.ts'
import type { WriteBuffer } from './encoding/write-buffer.ts'
import { MessageAges } from './message-ages.ts'
import { rejected, returned } from './outcomes.ts'
import { type Unconfirmed, UnconfirmedMessages } from './unconfirmed.ts'

/** What a channel says to the one that publishes on it. */
export interface ConfirmListener<M extends Message, C> {
  readonly buffer: WriteBuffer
  readonly encoders: Encoders<M>
  settle(message: M, destination: Destination<C>, outcome: PublishOutcome): void
  /** The broker has answered for messages. */
  progressed(): void
}

/** Called with what the broker says of the channel as a whole. */
export interface ConfirmEvents {
  /** Some messages were confirmed, or were before. */
  readonly onConfirms: () => void
  /** A ping was answered, or failed. */
  readonly onPinged: () => void
  /** @param error the broker's, undefined where it gave none */
  readonly onClosed: (error: unknown) => void
}

/** One opening of a channel with publisher confirms, and the messages on it that are not confirmed. */
export class ConfirmChannel<M extends Message, C> {
  readonly unconfirmed = new UnconfirmedMessages<M, Destination<C>>()
  readonly #channel: ChannelInside
  readonly #listener: ConfirmListener<M, C>
  readonly #events: ConfirmEvents
  readonly #ages = new MessageAges()
  #pinging: Promise<boolean> | undefined

  constructor(channel: ChannelInside, listener: ConfirmListener<M, C>, events: ConfirmEvents) {
    this.#channel = channel
    this.#listener = listener
    this.#events = events
    let closedBy: unknown
    channel.on('error', (error) => {
      closedBy = error
      // What was gathered must not follow amqplib's answer to the close.
      listener.buffer.flush()
    })
    channel.on('close', () => events.onClosed(closedBy))
    channel.on('return', ({ fields, content }: ConsumeMessage) => this.unconfirmed.returned(fields, content))
    channel.on('ack', (confirm: Confirm) => this.#settle(confirm, confirmed))
    channel.on('nack', (confirm: Confirm) => this.#settle(confirm, rejected))
  }

  /** Encodes the message for the next flush. @throws EviError `data` for properties that cannot be sent */
  send(message: M, destination: Destination<C>, mayHaveArrived: boolean): void {
    const { buffer, encoders } = this.#listener
    // The destination's own is asked first, as this is done for each message of a stream.
    const encoder =
      (message.properties ? undefined : destination.encoder) ??
      encoders.encoderFor(message, destination, this.#channel)
    buffer.add(encoder, this.#channel.ch, message.body)
    this.unconfirmed.add(message, destination, mayHaveArrived)
  }

  /** Whether the broker answers on this channel; it has processed what was published before then. */
  async ping(): Promise<boolean> {
    this.#pinging ??= this.#ping()
    return await this.#pinging
  }

  /** Removes and returns the messages that others overtook, in flight for at least so many milliseconds. */
  takeOvertaken(milliseconds: number): Unconfirmed<M, Destination<C>>[] {
    return this.#ages.takeOvertaken(this.unconfirmed, milliseconds)
  }

  close(): void {
    this.#listener.buffer.flush()
    // Closing fails where the channel is closed already.
    this.#channel.close().catch(() => {})
  }

  async #ping(): Promise<boolean> {
    const { lastTag } = this.unconfirmed
    this.#listener.buffer.flush()
    try {
      // Any request would do; this one changes nothing for a channel that consumes nothing.
      await this.#channel.prefetch(0)
      this.unconfirmed.processed(lastTag)
      return true
    } catch {
      return false
    } finally {
      this.#pinging = undefined
      this.#events.onPinged()
    }
  }

  #settle({ deliveryTag, multiple }: Confirm, outcomeFor: (socket: Socket) => PublishOutcome): void {
    const settled = this.unconfirmed.settle(deliveryTag, multiple, (message, destination, wasReturned) => {
      const { socket, rest } = destination
      destination.isTried = true
      if (rest.isOn) rest.end()
      const { encoders } = this.#listener
      const end = wasReturned ? returned(socket, encoders.propertiesOf(message)) : outcomeFor(socket)
      this.#listener.settle(message, destination, end)
    })
    // A confirm of no message is no progress, however many of them come.
    if (settled > 0) this.#listener.progressed()
    this.#events.onConfirms()
  }
}

interface Confirm {
  readonly deliveryTag: number
  readonly multiple: boolean
}

const confirmation = { status: 'confirmed' } as const
const confirmed = () => confirmation
