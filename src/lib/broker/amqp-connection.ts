import type { ChannelModel } from 'amqplib'
import { areSlotsWanted, onSlotWanted } from '#lib/broker/connect/connection-slots.ts'
import { shakeHands } from '#lib/broker/connect/handshake.ts'
import type { ConnectRequest, Reached } from '#lib/broker/connect/reach.ts'
import type { Consumers } from '#lib/broker/consume/consumers.ts'
import type { Lookups } from '#lib/broker/inspect/lookups.ts'
import { explainReturns, returnExplainer } from '#lib/broker/inspect/return-explainer.ts'
import { AmqpPublisher } from '#lib/broker/publish/publisher.ts'
import { SinglePublisher } from '#lib/broker/publish/single-publisher.ts'
import { ask, inTime, openSparingly } from '#lib/broker/wire/channel.ts'
import { guardFrames } from '#lib/broker/wire/guard-frames.ts'
import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type {
  BrokerConnection,
  Consumer,
  ConsumerRequest,
  CopiesRequest,
  ExchangeFacts,
  LookupResult,
  Message,
  Peeked,
  PeekRequest,
  Publication,
  Publisher,
  PublisherRequest,
  PublishOutcome,
  QueueKind,
  QueueLookup,
  Rehearsal,
  Timing,
} from './broker.ts'
import { ConnectionLife } from './connection-life.ts'

/** Opens a connection to a host that was asked for AMQP. @throws EviError `unreachable` or `refused` */
export async function openConnection(reached: Reached, request: ConnectRequest): Promise<BrokerConnection> {
  return new AmqpConnection(await shakeHands(reached, request), reached.host, request)
}

/** An open connection. What a raise does not need of it is loaded when it is used. */
class AmqpConnection implements BrokerConnection {
  readonly host: Host
  readonly cluster: string | undefined
  readonly #model: ChannelModel
  readonly #timing: Timing
  readonly #socket: Socket
  readonly #life: ConnectionLife
  #consuming: Consumers | undefined
  #looking: Lookups | undefined
  #hasFewChannels = false
  #single: SinglePublisher | undefined
  readonly #explainReturn = returnExplainer(this)

  constructor(model: ChannelModel, host: Host, { socket, timing }: ConnectRequest) {
    this.host = host
    this.#socket = { ...socket, hosts: [host] }
    const { cluster_name: cluster } = model.connection.serverProperties as { cluster_name?: unknown }
    this.cluster = typeof cluster === 'string' ? cluster : undefined
    this.#model = model
    this.#timing = timing
    guardFrames(model)
    this.#life = new ConnectionLife(model, { host, replyTimeout: timing.replyTimeout })
  }

  get lost(): Promise<EviError | undefined> {
    return this.#life.lost
  }

  async publish(publication: Publication): Promise<PublishOutcome> {
    this.#single ??= new SinglePublisher((request) =>
      this.openPublisher({ ...request, channels: { most: 1, isScarce: this.#hasFewChannels } }),
    )
    return await this.#single.publish(publication)
  }

  async openPublisher<M extends Message>(request: PublisherRequest<M>): Promise<Publisher<M>> {
    const { replyTimeout } = this.#timing
    const { listener, channels } = request
    let publisher: AmqpPublisher<M> | undefined
    const isBusy = () => publisher?.isBusy === true
    // A look takes a channel, and one too many would cost the connection.
    const explained = channels.isScarce ? listener : explainReturns(listener, this.#explainReturn, isBusy)
    const opening = AmqpPublisher.open(
      this.#model,
      { ...request, listener: explained },
      {
        replyTimeout,
        socket: this.#socket,
        blocked: () => this.#life.blocked,
        destroy: (reason) => this.destroy(reason),
        unanswered: () => this.#life.keptWaiting(),
        reasonOfLoss: (failure) => this.#reasonOfLoss(failure),
      },
    )
    publisher = await this.#life.orReasonOfLoss(ask(this.#socket, () => opening))
    return publisher
  }

  /** Why a publisher ended: a channel knows only that it is gone, the connection why. */
  async #reasonOfLoss(failure: PublishFailure): Promise<PublishFailure> {
    if (statusOf(failure) !== 'unreachable') {
      // A connection that opens no channel is of no use.
      this.destroy(failure.message)
      return failure
    }
    return await this.#life.explain(failure)
  }

  async declareTemporaryQueue(socket: Socket): Promise<Socket> {
    const { declareTemporaryQueue } = await import('#lib/broker/inspect/temporary-queue.ts')
    const declared = ask(socket, () => declareTemporaryQueue(this.#model, socket))
    return await this.#life.orReasonOfLoss(inTime(this.#timing.replyTimeout, declared))
  }

  async declare(declaration: Declaration, socket: Socket): Promise<void> {
    await (await this.#lookups()).declare(declaration, socket)
  }

  onBlocked(listener: (reason: string | undefined) => void): void {
    this.#life.onBlocked(listener)
  }

  async openConsumer(request: ConsumerRequest): Promise<Consumer> {
    return await (await this.#consumers()).open(request)
  }

  async openCopies(request: CopiesRequest): Promise<ReadonlyMap<string, EviError>> {
    return await (await this.#consumers()).openCopies(request)
  }

  async peek(request: PeekRequest): Promise<Peeked> {
    return await (await this.#consumers()).peek(request)
  }

  async #consumers(): Promise<Consumers> {
    const { Consumers } = await import('#lib/broker/consume/consumers.ts')
    const { replyTimeout } = this.#timing
    this.#consuming ??= new Consumers(this.#model, { life: this.#life, replyTimeout })
    return this.#consuming
  }

  async ping(): Promise<boolean> {
    return await (await this.#lookups()).ping()
  }

  async findExchange(name: string): Promise<LookupResult> {
    return await (await this.#lookups()).findExchange(name)
  }

  async describeExchange(socket: Socket): Promise<ExchangeFacts> {
    return await (await this.#lookups()).describeExchange(socket)
  }

  async findQueue(name: string): Promise<QueueLookup> {
    return await (await this.#lookups()).findQueue(name)
  }

  async queueKind(socket: Socket): Promise<QueueKind> {
    return await (await this.#lookups()).queueKind(socket)
  }

  async rehearse(socket: Socket): Promise<Rehearsal> {
    return await (await this.#lookups()).rehearse(socket)
  }

  async endLookups(): Promise<void> {
    await this.#looking?.end()
  }

  async #lookups(): Promise<Lookups> {
    const { Lookups } = await import('#lib/broker/inspect/lookups.ts')
    const { replyTimeout } = this.#timing
    const limits = { socket: this.#socket, replyTimeout, isScarce: this.#hasFewChannels }
    this.#looking ??= new Lookups(this.#model, { ...limits, life: this.#life })
    return this.#looking
  }

  useFewChannels(): void {
    this.#hasFewChannels = true
    openSparingly(this.#model)
  }

  get isWanted(): boolean {
    return areSlotsWanted()
  }

  onWanted(listener: () => void): void {
    void this.lost.then(onSlotWanted(listener))
  }

  async close(): Promise<void> {
    await this.#life.close()
  }

  destroy(reason: string): void {
    this.#life.destroy(reason)
  }
}
