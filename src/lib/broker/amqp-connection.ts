import type { ChannelModel } from 'amqplib'
import type { OpenedHost } from '#lib/broker/connect/connect.ts'
import { areSlotsWanted, onSlotWanted } from '#lib/broker/connect/connection-slots.ts'
import type { ConsumerLimits } from '#lib/broker/consume/consumer.ts'
import {
  type AskOnChannel,
  findExchange,
  findQueue,
  type LookupLimits,
  onOwnChannel,
  rehearse,
} from '#lib/broker/inspect/lookup.ts'
import type { LookupChannels } from '#lib/broker/inspect/lookup-channels.ts'
import { returnExplainer } from '#lib/broker/inspect/return-explainer.ts'
import { openPublisher } from '#lib/broker/publish/publisher.ts'
import { SinglePublisher } from '#lib/broker/publish/single-publisher.ts'
import { ask, inTime, openSparingly } from '#lib/broker/wire/channel.ts'
import { guardFrames } from '#lib/broker/wire/guard-frames.ts'
import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'
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

/** An open connection. What a raise does not need of it is loaded when it is used. */
export class AmqpConnection implements BrokerConnection {
  readonly host: Host
  readonly cluster: string | undefined
  readonly #model: ChannelModel
  readonly #timing: Timing
  readonly #socket: Socket
  readonly #life: ConnectionLife
  #lookups: LookupChannels | undefined
  #hasFewChannels = false
  #single: SinglePublisher | undefined
  readonly #explainReturn = returnExplainer(this)

  constructor({ model, host, socket }: OpenedHost, timing: Timing) {
    this.host = host
    this.#socket = socket
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
    const explained: typeof listener = {
      settled: (message, socket, outcome) =>
        // A look takes a channel, and one too many would cost the connection.
        'code' in outcome && outcome.code === 'unroutable' && !channels.isScarce
          ? void this.#explainReturn(socket, outcome).then((why) => listener.settled(message, socket, why))
          : listener.settled(message, socket, outcome),
      resending: (message, socket) => listener.resending(message, socket),
      ended: (reason, open) => listener.ended(reason, open),
    }
    const opening = openPublisher(
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
    return await this.#life.orReasonOfLoss(ask(this.#socket, () => opening))
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
    const { declare } = await import('#lib/broker/inspect/declare.ts')
    await inTime(
      this.#timing.replyTimeout,
      this.#life.orReasonOfLoss(declare(this.#model, declaration, socket)),
    )
  }

  async queueKind(socket: Socket): Promise<QueueKind> {
    const { lookAtQueue } = await import('#lib/broker/inspect/queue-type.ts')
    const { replyTimeout } = this.#timing
    try {
      const queue = await lookAtQueue(this.#model, socket, replyTimeout)
      return queue?.kind ?? 'unknown'
    } catch (error) {
      if (error instanceof EviError && error.code === 'refused') return 'unknown'
      throw error
    }
  }

  onBlocked(listener: (reason: string | undefined) => void): void {
    this.#life.onBlocked(listener)
  }

  async openConsumer(request: ConsumerRequest): Promise<Consumer> {
    const { openConsumer } = await import('#lib/broker/consume/watch.ts')
    const limits = await this.#consumerLimits(request)
    return await this.#life.orReasonOfLoss(openConsumer(this.#model, request, limits))
  }

  async openCopies(request: CopiesRequest): Promise<ReadonlyMap<string, EviError>> {
    const { consumeTogether } = await import('#lib/broker/consume/consume-together.ts')
    const limits = await this.#consumerLimits(request)
    const opened = ask(request.socket, () => consumeTogether(this.#model, request, limits))
    return await this.#life.orReasonOfLoss(opened)
  }

  async #consumerLimits({ prefetch }: Pick<ConsumerRequest, 'prefetch'>): Promise<ConsumerLimits> {
    const { startWatchdog } = await import('#lib/broker/consume/watchdog.ts')
    const { replyTimeout } = this.#timing
    const onOpened: ConsumerLimits['onOpened'] = (ping) => {
      this.#life.watch(() =>
        startWatchdog(this.#life.stream, {
          replyTimeout,
          isBlocked: () => this.#life.blocked !== undefined,
          ping,
          onTimeout: () => this.destroy(`the broker did not answer within ${replyTimeout} ms`),
        }),
      )
    }
    return { replyTimeout, prefetch, onOpened, onEnded: (reason) => this.#life.end(reason) }
  }

  async peek(request: PeekRequest): Promise<Peeked> {
    const { peek } = await import('#lib/broker/consume/peek.ts')
    return await this.#life.orReasonOfLoss(
      ask(request.socket, () => peek(this.#model, request, this.#timing.replyTimeout)),
    )
  }

  async ping(): Promise<boolean> {
    try {
      // Not in the row of the others, which may wait for a queue that is down.
      await findExchange(onOwnChannel(this.#model), 'amq.direct', this.#lookupLimits)
      return true
    } catch (error) {
      if (error instanceof ConnectionFull) return true
      this.destroy(`it answered nothing within ${this.#timing.replyTimeout} ms`)
      return false
    }
  }

  async findExchange(name: string): Promise<LookupResult> {
    return await this.#lookUp((ask) => findExchange(ask, name, this.#lookupLimits))
  }

  async describeExchange(socket: Socket): Promise<ExchangeFacts> {
    const { describeExchange } = await import('#lib/broker/inspect/describe-exchange.ts')
    return await this.#life.orReasonOfLoss(
      ask(socket, () => describeExchange(this.#model, socket, this.#timing.replyTimeout)),
    )
  }

  async findQueue(name: string): Promise<QueueLookup> {
    return await this.#lookUp((ask) => findQueue(ask, name, this.#lookupLimits))
  }

  useFewChannels(): void {
    this.#hasFewChannels = true
    openSparingly(this.#model)
  }

  async endLookups(): Promise<void> {
    await this.#lookups?.close()
  }

  async #lookUp<T>(look: (ask: AskOnChannel) => Promise<T>): Promise<T> {
    if (!this.#lookups) {
      const { LookupChannels } = await import('#lib/broker/inspect/lookup-channels.ts')
      this.#lookups ??= new LookupChannels(this.#model, this.#hasFewChannels)
    }
    const lookups = this.#lookups
    return await this.#life.orReasonOfLoss(lookups.inTurn(() => look((question) => lookups.ask(question))))
  }

  async rehearse(socket: Socket): Promise<Rehearsal> {
    const { replyTimeout } = this.#timing
    const limits = { replyTimeout, blocked: this.#life.firstBlocked }
    const rehearsal = await this.#lookUp((ask) => rehearse(ask, socket, limits))
    if (!('code' in rehearsal)) return rehearsal
    if (statusOf(rehearsal) === 'timeout') this.#life.keptWaiting()
    if (statusOf(rehearsal) !== 'unreachable') return rehearsal
    return await this.#life.explain(rehearsal)
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

  get #lookupLimits(): LookupLimits {
    return { socket: this.#socket, replyTimeout: this.#timing.replyTimeout }
  }
}
