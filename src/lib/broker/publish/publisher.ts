import type { ChannelModel, ConsumeMessage } from 'amqplib'
import type { Message, Publisher, PublisherRequest, PublishOutcome } from '#lib/broker/broker.ts'
import { closedChannelOutcome, messageOf } from '#lib/broker/errors/amqp-errors.ts'
import { openChannel } from '#lib/broker/wire/channel.ts'
import type { ChannelInside } from '#lib/broker/wire/frame.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { noBinding, noQueue } from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { PublishFrames } from './message-encoder.ts'
import { Unsettled } from './unconfirmed.ts'
import { PublishBuffer } from './write-buffer.ts'

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
  const channel = await openChannel(model, request)
  return new AmqpPublisher(channel as ChannelInside, request, limits)
}

/**
 * Learns each message's fate: by publisher confirms, or else by barriers, as any request on a channel is answered only
 * after the messages before it were handled. A message that found no queue comes back before its confirm or barrier.
 */
class AmqpPublisher<M extends Message> implements Publisher<M> {
  readonly #channel: ChannelInside
  readonly #request: PublisherRequest<M>
  readonly #limits: PublisherLimits
  readonly #buffer: PublishBuffer
  readonly #frames: PublishFrames
  readonly #unsettled = new Unsettled<M>()
  #barrier = false
  #ended = false
  #lastProgress = 0
  #silence: NodeJS.Timeout | undefined

  constructor(channel: ChannelInside, request: PublisherRequest<M>, limits: PublisherLimits) {
    this.#channel = channel
    this.#request = request
    this.#limits = limits
    this.#buffer = new PublishBuffer(channel.connection.stream)
    this.#frames = this.#framesOf(request.properties)
    let closedBy: unknown
    channel.on('error', (error) => {
      closedBy = error
      // What was gathered must not follow on a channel that is closed.
      this.#end(closedChannelOutcome(error, request.socket))
    })
    channel.on('close', () => this.#end(closedChannelOutcome(closedBy ?? closed, request.socket)))
    channel.on('return', ({ content }: ConsumeMessage) => this.#unsettled.returned(content))
    channel.on('ack', (confirm: Confirm) => this.#settle(confirm, { status: 'confirmed' }))
    channel.on('nack', (confirm: Confirm) => this.#settle(confirm, rejected))
  }

  get congested(): boolean {
    return this.#buffer.congested
  }

  publish(message: M): void {
    const { properties } = message
    const frames = properties ? this.#framesOf({ ...properties, ...this.#request.properties }) : this.#frames
    this.#buffer.add(frames, message.body)
    if (this.#unsettled.size === 0) this.#expectProgress()
    this.#unsettled.add(message)
  }

  flush(): void {
    if (this.#ended) return
    this.#buffer.flush()
    if (!this.#request.confirm && !this.#barrier && this.#unsettled.size > 0) void this.#raiseBarrier()
  }

  async drained(): Promise<void> {
    await this.#buffer.drained()
  }

  close(): void {
    this.#ended = true
    clearTimeout(this.#silence)
    // One that is closed already is just as well.
    this.#channel.close().catch(() => {})
  }

  #framesOf(properties: Message['properties']): PublishFrames {
    const { socket } = this.#request
    const persistent = socket.persistent ? { persistent: true } : {}
    try {
      return new PublishFrames(this.#channel, socket, { mandatory: true, ...persistent, ...properties })
    } catch (error) {
      throw new EviError('data', `The message’s properties cannot be sent: ${messageOf(error)}.`, {
        cause: error,
      })
    }
  }

  async #raiseBarrier(): Promise<void> {
    this.#barrier = true
    this.#buffer.flush()
    const deliveryTag = this.#unsettled.lastTag
    try {
      await this.#channel.prefetch(0)
    } catch {
      // The end of the channel is told where it is noticed.
      return
    }
    this.#barrier = false
    this.#settle({ deliveryTag, multiple: true }, { status: 'sent' })
    if (!this.#ended && this.#unsettled.size > 0) void this.#raiseBarrier()
  }

  #settle({ deliveryTag, multiple }: Confirm, outcome: PublishOutcome): void {
    const { socket, listener } = this.#request
    const settled = this.#unsettled.settle(deliveryTag, multiple, (message, returned) =>
      listener.settled(message, returned ? unroutable(socket) : outcome),
    )
    // What settles nothing is no progress, however much comes of it.
    if (settled > 0) this.#lastProgress = performance.now()
  }

  /** Ends the publisher when the broker says nothing for too long. */
  #expectProgress(): void {
    this.#lastProgress = performance.now()
    this.#silence ??= this.#wait(this.#limits.replyTimeout)
  }

  #wait(milliseconds: number): NodeJS.Timeout {
    return setTimeout(async () => {
      const { replyTimeout } = this.#limits
      const left = replyTimeout - (performance.now() - this.#lastProgress)
      const given = left > 1 || this.#unsettled.size === 0 ? undefined : await this.#tiredOfSilence()
      this.#silence = undefined
      if (given) this.#end(given)
      else if (!this.#ended && this.#unsettled.size > 0)
        this.#silence = this.#wait(left > 1 ? left : replyTimeout)
    }, milliseconds).unref()
  }

  /** Why a broker that says nothing of the messages is not waited for any longer; undefined where it is. */
  async #tiredOfSilence(): Promise<PublishFailure | undefined> {
    const { patience } = this.#request
    const { replyTimeout, blocked, answers } = this.#limits
    if (patience === undefined) return silence(replyTimeout, blocked())
    if (blocked() !== undefined) return undefined
    if (!(await answers())) return silence(replyTimeout, undefined)
    const isOver = performance.now() - this.#lastProgress > patience
    return isOver ? silence(Math.max(patience, replyTimeout), undefined) : undefined
  }

  #end(reason: PublishFailure): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#silence)
    this.#request.listener.ended(reason, this.#unsettled.takeAll())
  }
}

interface Confirm {
  readonly deliveryTag: number
  readonly multiple: boolean
}

const closed = new Error('The channel was closed.')

const rejected: PublishFailure = {
  status: 'rejected',
  code: 'rejected',
  reason: 'RabbitMQ rejected the message (nack).',
}

function unroutable(socket: Socket): PublishFailure {
  const remedy = socket.exchange === '' ? noQueue(socket) : noBinding(socket)
  return { status: 'unroutable', code: 'unroutable', ...remedy }
}

/** What a broker that says nothing means for a message. */
export function silence(milliseconds: number, blocked: string | undefined): PublishFailure {
  if (blocked !== undefined) {
    const reason = `RabbitMQ blocks publishers (${blocked}); the message waits or is lost.`
    return { status: 'timeout', code: 'blocked', reason, hint: 'See the alarms: rabbitmqctl status' }
  }
  const reason = `RabbitMQ did not answer within ${milliseconds} ms; the message may have arrived.`
  return { status: 'timeout', code: 'timeout', reason, hint: 'For a slow broker: --timeout MS' }
}
