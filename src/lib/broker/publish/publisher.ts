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
import { inTime, openChannel, openSparingly } from '#lib/broker/wire/channel.ts'
import { failureOf, failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ChannelOwner, openMessage } from './channel-owner.ts'
import { isOfConnection, sortOut } from './closed-channel.ts'
import { Destinations, type ExchangeState, type Rest } from './destination.ts'
import { Encoders } from './encoding/encoders.ts'
import { WriteBuffer } from './encoding/write-buffer.ts'
import { ExchangeTrials } from './exchange-trials.ts'
import { neverSent, unansweredFor } from './outcomes.ts'
import type { ChannelDestination, PublishChannel } from './publish-channel.ts'
import { PublishChannels } from './publish-channels.ts'
import type { PublisherOwner } from './publisher-owner.ts'
import { StallWatch, type Watched } from './stall-watch.ts'
import type { Unconfirmed } from './unconfirmed.ts'

/** Publishes to any number of sockets of one connection over a few channels, and settles each message on its own. */
export class AmqpPublisher<M extends Message>
  implements Publisher<M>, ChannelOwner<M, PublishChannel<M>>, Watched
{
  readonly buffer: WriteBuffer
  readonly encoders: Encoders<M>
  readonly trials: ExchangeTrials<M>
  readonly #model: ChannelModel
  readonly #request: PublisherRequest<M>
  readonly #owner: PublisherOwner
  readonly #channels: PublishChannels<M>
  readonly #destinations: Destinations<PublishChannel<M>>
  readonly #watch: StallWatch
  #inFlight = 0
  #state: 'open' | 'ended' | 'closed' = 'open'

  constructor(model: ChannelModel, request: PublisherRequest<M>, owner: PublisherOwner) {
    this.#model = model
    this.#request = request
    this.#owner = owner
    if (request.channels.isScarce) openSparingly(model)
    const { stream, channelMax } = insideOf(model)
    this.buffer = new WriteBuffer(stream)
    this.encoders = new Encoders(request.properties)
    this.#channels = new PublishChannels(this, request.channels, channelMax)
    this.trials = new ExchangeTrials(this, this.#channels, request.listener)
    this.#destinations = new Destinations(this.#channels.main)
    this.#watch = new StallWatch({ ...owner, stallLimit: request.stallLimit }, this)
  }

  /** Opens the channels to publish on; see `BrokerConnection.openPublisher`. @throws EviError */
  static async open<M extends Message>(
    model: ChannelModel,
    request: PublisherRequest<M>,
    owner: PublisherOwner,
  ): Promise<AmqpPublisher<M>> {
    const publisher = new AmqpPublisher(model, request, owner)
    await publisher.#channels.open()
    return publisher
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
    this.#channels.pump()
    this.trials.pump()
    this.buffer.flush()
  }

  close(): readonly OpenMessage<M>[] {
    this.#state = 'closed'
    this.#watch.stop()
    const open = this.#takeAll()
    this.#channels.close()
    return open
  }

  // What the channels ask for.

  async openChannel(isReplacement: boolean): Promise<ChannelInside> {
    const opening = openChannel(this.#model, { confirm: true, isReplacement })
    return (await inTime(this.#owner.replyTimeout, opening)) as ChannelInside
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

  closed(channel: PublishChannel<M>, error: unknown, tried: ExchangeState | undefined): void {
    if (this.#state !== 'open') return
    const failure = closedChannelOutcome(error, this.#destinations.anySocket ?? this.#owner.socket)
    if (isOfConnection(failure)) return void this.#end(failure)
    const { again, failed } = sortOut(error, channel.unconfirmed)
    for (const { message, destination, failure } of failed) this.settle(message, destination, failure)
    channel.waiting = [...again, ...channel.waiting]
    if (tried) {
      this.trials.refused()
      this.trials.ended(channel, tried)
    }
    this.#watch.progressed()
    this.flush()
  }

  unopened(error: unknown): void {
    void this.#end(
      error instanceof EviError ? failureOf(error) : closedChannelOutcome(error, this.#owner.socket),
    )
  }

  // What the watch asks for.

  get isBusy(): boolean {
    return this.#state === 'open' && this.#inFlight > 0
  }

  async ping(): Promise<boolean> {
    return await Promise.race([this.#channels.ping(), sleep(this.#owner.replyTimeout, false)])
  }

  stalled(failure: PublishFailure): void {
    this.#giveUp(this.#channels.takeUnconfirmed(), failure)
    if (this.#request.stallLimit === undefined) {
      // Nothing is known of the broker, so what waits for those is not waited for, either.
      this.#owner.unanswered()
      const unsent = neverSent(failure)
      for (const one of [...this.#channels.takeWaiting(), ...this.trials.takeAll()])
        this.settle(one.message, one.destination, failureOfOpen(one, unsent))
    }
    this.flush()
  }

  overtaken(milliseconds: number): void {
    const overtaken = this.#channels.takeOvertaken(milliseconds)
    if (overtaken.length > 0) this.#giveUp(overtaken, unansweredFor(milliseconds, this.#owner.socket))
  }

  silent(failure: PublishFailure): void {
    this.#owner.destroy(`it answered nothing within ${this.#owner.replyTimeout} ms`)
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

  /** Removes and returns all, in order for each socket. */
  #takeAll(): readonly OpenMessage<M>[] {
    return [...this.#channels.takeAll(), ...this.trials.takeAll().map(openMessage)]
  }

  /** Nothing more comes: the connection is gone, or of no use. */
  async #end(failure: PublishFailure): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    this.#watch.stop()
    const reason = await this.#owner.reasonOfLoss(failure)
    // It may have been closed since.
    if (this.#state === 'ended') this.#request.listener.ended(reason, this.#takeAll())
  }
}
