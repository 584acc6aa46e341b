import type { ChannelModel, ConsumeMessage } from 'amqplib'
import type { Message, Publisher, PublisherRequest, PublishOutcome } from '#lib/broker/broker.ts'
import { closedChannelOutcome, connectionLost, messageOf } from '#lib/broker/errors/amqp-errors.ts'
import { openChannel } from '#lib/broker/wire/channel.ts'
import type { ChannelInside } from '#lib/broker/wire/frame.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { EviError } from '#lib/errors.ts'
import { MessageEncoder } from './message-encoder.ts'
import { rejected, returned, unansweredFor } from './outcomes.ts'
import { UnconfirmedMessages } from './unconfirmed.ts'
import { WriteBuffer } from './write-buffer.ts'

export interface PublisherLimits {
  /** Milliseconds without any progress after which the broker counts as silent. */
  readonly replyTimeout: number
  /** Why the broker blocks publishers, while it does. */
  readonly blocked: () => string | undefined
  /** Whether the broker answers anything at all. */
  readonly answers: () => Promise<boolean>
}

/** Opens a channel to publish on; see `BrokerConnection.openPublisher`. */
export async function openPublisher<M extends Message>(
  model: ChannelModel,
  request: PublisherRequest<M>,
  limits: PublisherLimits,
): Promise<Publisher<M>> {
  const channel = await openChannel(model, { confirm: true })
  return new AmqpPublisher(channel as ChannelInside, request, limits)
}

/**
 * Publishes with publisher confirms. A channel without them would be cheaper for the broker, but lose in silence what a
 * queue rejects. An unroutable message is returned before it is confirmed.
 */
class AmqpPublisher<M extends Message> implements Publisher<M> {
  readonly #channel: ChannelInside
  readonly #request: PublisherRequest<M>
  readonly #limits: PublisherLimits
  readonly #buffer: WriteBuffer
  readonly #encoder: MessageEncoder
  readonly #unconfirmed = new UnconfirmedMessages<M>()
  #ended = false
  #lastProgress = 0
  #watchdog: NodeJS.Timeout | undefined

  constructor(channel: ChannelInside, request: PublisherRequest<M>, limits: PublisherLimits) {
    this.#channel = channel
    this.#request = request
    this.#limits = limits
    this.#buffer = new WriteBuffer(channel.connection.stream)
    this.#encoder = this.#encoderFor(request.properties)
    let closedBy: unknown
    channel.on('error', (error) => {
      closedBy = error
      // What was gathered must not follow on a channel that is closed.
      this.#end(closedChannelOutcome(error, request.socket))
    })
    channel.on('close', () => this.#end(closedChannelOutcome(closedBy ?? closed, request.socket)))
    channel.on('return', ({ content }: ConsumeMessage) => this.#unconfirmed.returned(content))
    channel.on('ack', (confirm: Confirm) => this.#settle(confirm, { status: 'confirmed' }))
    channel.on('nack', (confirm: Confirm) => this.#settle(confirm, rejected))
  }

  get congested(): boolean {
    return this.#buffer.congested
  }

  publish(message: M): void {
    const { properties } = message
    const encoder = properties
      ? this.#encoderFor({ ...properties, ...this.#request.properties })
      : this.#encoder
    this.#buffer.add(encoder, message.body)
    if (this.#unconfirmed.size === 0) this.#expectProgress()
    this.#unconfirmed.add(message)
  }

  flush(): void {
    if (!this.#ended) this.#buffer.flush()
  }

  async drained(): Promise<void> {
    await this.#buffer.drained()
  }

  close(): readonly M[] {
    const unconfirmed = this.#unconfirmed.takeAll()
    this.#ended = true
    clearTimeout(this.#watchdog)
    // It fails where the channel is closed already, which is as good.
    this.#channel.close().catch(() => {})
    return unconfirmed
  }

  #encoderFor(properties: Message['properties']): MessageEncoder {
    const { socket } = this.#request
    const persistent = socket.persistent ? { persistent: true } : {}
    try {
      return new MessageEncoder(this.#channel, socket, { mandatory: true, ...persistent, ...properties })
    } catch (error) {
      // Of a channel that is being closed, which says nothing of the properties.
      if (error instanceof Error && error.name === 'IllegalOperationError') throw connectionLost(error)
      throw new EviError('data', `The message's properties cannot be sent: ${messageOf(error)}.`, {
        cause: error,
      })
    }
  }

  #settle({ deliveryTag, multiple }: Confirm, outcome: PublishOutcome): void {
    const { socket, properties, listener } = this.#request
    const settled = this.#unconfirmed.settle(deliveryTag, multiple, (message, wasReturned) =>
      listener.settled(
        message,
        wasReturned ? returned(socket, { ...message.properties, ...properties }) : outcome,
      ),
    )
    // A confirm of no message is no progress, however many of them come.
    if (settled > 0) this.#lastProgress = performance.now()
  }

  /** Ends the publisher when the broker confirms nothing for too long. */
  #expectProgress(): void {
    this.#lastProgress = performance.now()
    this.#watchdog ??= this.#watch(this.#limits.replyTimeout)
  }

  /** Keeps the event loop alive, as unconfirmed messages must not be forgotten by its end. */
  #watch(milliseconds: number): NodeJS.Timeout {
    return setTimeout(async () => {
      const { replyTimeout } = this.#limits
      const left = replyTimeout - (performance.now() - this.#lastProgress)
      const failure = left > 1 || this.#unconfirmed.size === 0 ? undefined : await this.#failureOfSilence()
      this.#watchdog = undefined
      if (failure) this.#end(failure)
      else if (!this.#ended && this.#unconfirmed.size > 0)
        this.#watchdog = this.#watch(left > 1 ? left : replyTimeout)
    }, milliseconds)
  }

  /** Why confirms are not waited for any longer; undefined where they are. */
  async #failureOfSilence(): Promise<PublishFailure | undefined> {
    const { stallLimit } = this.#request
    const { replyTimeout, blocked, answers } = this.#limits
    if (stallLimit === undefined) return unansweredFor(replyTimeout, blocked())
    if (blocked() !== undefined) return undefined
    if (!(await answers())) return unansweredFor(replyTimeout, undefined)
    const isOver = performance.now() - this.#lastProgress > stallLimit
    return isOver ? unansweredFor(Math.max(stallLimit, replyTimeout), undefined) : undefined
  }

  #end(reason: PublishFailure): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#watchdog)
    this.#request.listener.ended(reason, this.#unconfirmed.takeAll())
  }
}

interface Confirm {
  readonly deliveryTag: number
  readonly multiple: boolean
}

const closed = new EviError('unreachable', 'The channel was closed.')
