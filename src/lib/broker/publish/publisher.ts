import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel } from 'amqplib'
import type {
  Message,
  OpenMessage,
  Publisher,
  PublisherRequest,
  PublishManner,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import { closedChannelOutcome } from '#lib/broker/errors/amqp-errors.ts'
import { type ChannelInside, insideOf } from '#lib/broker/wire/amqplib-internals.ts'
import { inTime, openChannel } from '#lib/broker/wire/channel.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { failureOf, failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ChannelOwner } from './channel-owner.ts'
import { isOfConnection, sortOut } from './closed-channel.ts'
import { Destinations, type Rest } from './destination.ts'
import { Encoders } from './encoders.ts'
import { neverSent, unansweredFor } from './outcomes.ts'
import { type ChannelDestination, PublishChannel } from './publish-channel.ts'
import { StallWatch, type Watched } from './stall-watch.ts'
import type { Unconfirmed } from './unconfirmed.ts'
import { WriteBuffer } from './write-buffer.ts'

export interface PublisherLimits {
  /** Milliseconds without any progress after which the broker counts as silent. */
  readonly replyTimeout: number
  /** Why the broker blocks publishers, while it does. */
  readonly blocked: () => string | undefined
  /** Whose connection it is. */
  readonly socket: Socket
  /** Cuts the connection. */
  readonly destroy: (reason: string) => void
  /** The broker has not answered in time, so no close is to be waited for. */
  readonly unanswered: () => void
  /** Resolves with what the end of a channel means, once the connection is gone. */
  readonly reasonOfLoss: (failure: PublishFailure) => Promise<PublishFailure>
}

/** Channels that are left to requests beside the publishing, where the broker allows few. */
const spareChannels = 1

/** Opens the channels to publish on; see `BrokerConnection.openPublisher`. @throws EviError */
export async function openPublisher<M extends Message>(
  model: ChannelModel,
  request: PublisherRequest<M>,
  limits: PublisherLimits,
): Promise<Publisher<M>> {
  const publisher = new AmqpPublisher(model, request, limits)
  await publisher.open()
  return publisher
}

/** Publishes to any number of sockets of one connection over a few channels, and settles each message on its own. */
class AmqpPublisher<M extends Message> implements Publisher<M>, ChannelOwner<M, PublishChannel<M>>, Watched {
  readonly buffer: WriteBuffer
  readonly encoders: Encoders<M>
  readonly #model: ChannelModel
  readonly #request: PublisherRequest<M>
  readonly #limits: PublisherLimits
  readonly #channels: readonly PublishChannel<M>[]
  readonly #destinations: Destinations<PublishChannel<M>>
  readonly #watch: StallWatch
  #inFlight = 0
  #state: 'open' | 'ended' | 'closed' = 'open'

  constructor(model: ChannelModel, request: PublisherRequest<M>, limits: PublisherLimits) {
    this.#model = model
    this.#request = request
    this.#limits = limits
    const { stream, channelMax } = insideOf(model)
    this.buffer = new WriteBuffer(stream)
    this.encoders = new Encoders(request.properties)
    const { most } = request.channels
    const allowed = channelMax > 0 ? channelMax - spareChannels : most
    const channels = Math.max(1, Math.min(most, allowed))
    this.#channels = Array.from({ length: channels }, () => new PublishChannel<M>(this))
    this.#destinations = new Destinations(this.#channels)
    this.#watch = new StallWatch({ ...limits, stallLimit: request.stallLimit }, this)
  }

  /** @throws EviError */
  async open(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.open()))
  }

  get congested(): boolean {
    return this.buffer.congested
  }

  async drained(): Promise<void> {
    await this.buffer.drained()
  }

  publish(message: M, socket: Socket, manner?: PublishManner): void {
    const destination = this.#destinations.of(socket)
    const { channel } = destination
    if (manner === undefined && channel.takes(destination)) channel.send(message, destination)
    else {
      const { mayHaveArrived = false, renewed = false } = manner ?? {}
      channel.waiting.push({
        message,
        destination,
        mayHaveArrived,
        manner: renewed ? 'renewed' : 'pipelined',
      })
    }
    this.#inFlight++
    this.#watch.start()
  }

  flush(): void {
    if (this.#state !== 'open') return
    for (const channel of this.#channels) channel.pump()
    this.buffer.flush()
  }

  close(): readonly OpenMessage<M>[] {
    this.#state = 'closed'
    this.#watch.stop()
    const open = this.#takeAll()
    for (const channel of this.#channels) channel.close()
    return open
  }

  // What the channels ask for.

  async openChannel(isReplacement: boolean): Promise<ChannelInside> {
    if (isReplacement && this.#request.channels.isScarce) await sleep(closedChannelsLinger)
    const opening = openChannel(this.#model, { confirm: true })
    return (await inTime(this.#limits.replyTimeout, opening)) as ChannelInside
  }

  settle(message: M, { socket }: ChannelDestination<M>, outcome: PublishOutcome): void {
    this.#inFlight--
    this.#request.listener.settled(message, socket, outcome)
  }

  progressed(): void {
    this.#watch.progressed()
  }

  resending(message: M, { socket }: ChannelDestination<M>): void {
    this.#request.listener.resending(message, socket)
  }

  proceed(): void {
    this.flush()
  }

  closed(channel: PublishChannel<M>, error: unknown): void {
    if (this.#state !== 'open') return
    const failure = closedChannelOutcome(error, this.#destinations.anySocket ?? this.#limits.socket)
    if (isOfConnection(failure)) return void this.#end(failure)
    const { again, failed } = sortOut(error, channel.unconfirmed)
    for (const { message, destination, failure } of failed) this.settle(message, destination, failure)
    channel.waiting = [...again, ...channel.waiting]
    this.#watch.progressed()
    this.flush()
  }

  unopened(error: unknown): void {
    void this.#end(
      error instanceof EviError ? failureOf(error) : closedChannelOutcome(error, this.#limits.socket),
    )
  }

  // What the watch asks for.

  get isBusy(): boolean {
    return this.#state === 'open' && this.#inFlight > 0
  }

  async ping(): Promise<boolean> {
    const answers = await Promise.race([
      Promise.all(this.#channels.map((channel) => channel.ping())),
      sleep(this.#limits.replyTimeout, [false]),
    ])
    return answers.every(Boolean)
  }

  stalled(failure: PublishFailure): void {
    for (const { unconfirmed } of this.#channels) this.#giveUp(unconfirmed.takeAll(), failure)
    if (this.#request.stallLimit === undefined) {
      // Nothing is known of the broker, so what waits for those is not waited for, either.
      this.#limits.unanswered()
      for (const channel of this.#channels) this.#settleWaiting(channel, neverSent(failure))
    }
    this.flush()
  }

  overtaken(milliseconds: number): void {
    const failure = unansweredFor(milliseconds, this.#limits.socket)
    for (const channel of this.#channels) this.#giveUp(channel.takeOvertaken(milliseconds), failure)
  }

  silent(failure: PublishFailure): void {
    this.#limits.destroy(`it answered nothing within ${this.#limits.replyTimeout} ms`)
    void this.#end(failure)
  }

  #giveUp(entries: readonly Unconfirmed<M, ChannelDestination<M>>[], failure: PublishFailure): void {
    const resting = new Set<Rest>()
    for (const { message, destination } of entries) {
      resting.add(destination.rest)
      this.settle(message, destination, failure)
    }
    for (const rest of resting) rest.begin(() => neverSent(failure))
  }

  #settleWaiting(channel: PublishChannel<M>, failure: PublishFailure): void {
    const { waiting } = channel
    channel.waiting = []
    for (const one of waiting) this.settle(one.message, one.destination, failureOfOpen(one, failure))
  }

  /** Nothing more comes: the connection is gone, or of no use. */
  async #end(failure: PublishFailure): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    this.#watch.stop()
    const reason = await this.#limits.reasonOfLoss(failure)
    // It may have been closed since.
    if (this.isEnded) this.#request.listener.ended(reason, this.#takeAll())
  }

  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  #takeAll(): OpenMessage<M>[] {
    return this.#channels.flatMap(({ unconfirmed, waiting }) => [
      ...unconfirmed
        .takeAll()
        .map(({ message, destination: { socket } }) => ({ message, socket, mayHaveArrived: true })),
      ...waiting
        .splice(0)
        .map(({ message, destination: { socket }, mayHaveArrived }) => ({ message, socket, mayHaveArrived })),
    ])
  }
}
