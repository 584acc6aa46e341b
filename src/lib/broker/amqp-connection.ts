import type { Socket as TcpSocket } from 'node:net'
import type { ChannelModel } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import type { OpenedHost } from '#lib/broker/connect/connect.ts'
import { areSlotsWanted, leaveSlot, onSlotWanted } from '#lib/broker/connect/connection-slots.ts'
import type { ConsumerLimits } from '#lib/broker/consume/consumer.ts'
import { lossError, protocolViolation } from '#lib/broker/errors/amqp-errors.ts'
import { redactBrokerText } from '#lib/broker/errors/reply-text.ts'
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
import { insideOf } from '#lib/broker/wire/amqplib-internals.ts'
import { ask, inTime, openSparingly } from '#lib/broker/wire/channel.ts'
import { guardFrames } from '#lib/broker/wire/guard-frames.ts'
import { failureOf, type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
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

/**
 * An open connection, whose ways to end are brought to one: `lost`. What a raise does not need is loaded when it is
 * used.
 */
export class AmqpConnection implements BrokerConnection {
  readonly host: Host
  readonly cluster: string | undefined
  readonly lost: Promise<EviError | undefined>
  readonly #model: ChannelModel
  readonly #timing: Timing
  readonly #socket: Socket
  readonly #end: (reason: EviError | undefined) => void
  #blocked: string | undefined
  readonly #blocking: Promise<string>
  #lookups: LookupChannels | undefined
  #hasFewChannels = false
  /** It kept a request waiting for too long; its close is not waited for. */
  #silent = false
  #single: SinglePublisher | undefined
  readonly #explainReturn = returnExplainer(this)
  /** Ends the watchdog, where the connection has a consumer. */
  #watchdog: (() => void) | undefined

  constructor({ model, host, socket }: OpenedHost, timing: Timing) {
    this.host = host
    this.#socket = socket
    const { cluster_name: cluster } = model.connection.serverProperties as { cluster_name?: unknown }
    this.cluster = typeof cluster === 'string' ? cluster : undefined
    this.#model = model
    this.#timing = timing
    guardFrames(model)
    const { promise, resolve } = Promise.withResolvers<EviError | undefined>()
    this.lost = promise
    this.#end = resolve
    let failure: unknown
    model.on('error', (error) => {
      failure = error
    })
    model.on('close', (error) => {
      const reason = error ?? failure
      // amqplib only ends its own half, and would leave the rest to the broker.
      this.#stream.destroySoon()
      resolve(reason ? lossError(reason, host) : undefined)
    })
    // It was closed before the listeners were there, as by a close right behind the opening: amqplib emits nothing more.
    if (this.#stream.writableEnded || this.#stream.destroyed) this.destroy('it was closed at once')
    const blocking = Promise.withResolvers<string>()
    this.#blocking = blocking.promise
    model.on('blocked', (text) => {
      const reason = redactBrokerText(text)
      this.#blocked = reason
      blocking.resolve(reason)
    })
    model.on('unblocked', () => {
      this.#blocked = undefined
    })
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
        blocked: () => this.#blocked,
        destroy: (reason) => this.destroy(reason),
        unanswered: () => {
          this.#silent = true
        },
        reasonOfLoss: (failure) => this.#reasonOfLoss(failure),
      },
    )
    return await this.#orReasonOfLoss(ask(this.#socket, () => opening))
  }

  /** Why a publisher ended: a channel knows only that it is gone, the connection why. */
  async #reasonOfLoss(failure: PublishFailure): Promise<PublishFailure> {
    if (statusOf(failure) !== 'unreachable') {
      // A connection that opens no channel is of no use.
      this.destroy(failure.message)
      return failure
    }
    await this.#seeItGo()
    const lost = await this.lost
    return lost ? failureOf(lost) : failure
  }

  /** A channel that ended as if the connection were gone, while that stays, is its broker's fault. */
  async #seeItGo(): Promise<void> {
    if ((await withDeadline(this.lost, this.#timing.replyTimeout)) === 'late') this.destroy(protocolViolation)
  }

  async declareTemporaryQueue(socket: Socket): Promise<Socket> {
    const { declareTemporaryQueue } = await import('#lib/broker/inspect/temporary-queue.ts')
    const declared = ask(socket, () => declareTemporaryQueue(this.#model, socket))
    return await this.#orReasonOfLoss(inTime(this.#timing.replyTimeout, declared))
  }

  async declare(declaration: Declaration, socket: Socket): Promise<void> {
    const { declare } = await import('#lib/broker/inspect/declare.ts')
    await inTime(this.#timing.replyTimeout, this.#orReasonOfLoss(declare(this.#model, declaration, socket)))
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
    this.#model.on('blocked', (reason) => listener(redactBrokerText(reason)))
    this.#model.on('unblocked', () => listener(undefined))
  }

  async openConsumer(request: ConsumerRequest): Promise<Consumer> {
    const { openConsumer } = await import('#lib/broker/consume/watch.ts')
    const limits = await this.#consumerLimits(request)
    return await this.#orReasonOfLoss(openConsumer(this.#model, request, limits))
  }

  async openCopies(request: CopiesRequest): Promise<ReadonlyMap<string, EviError>> {
    const { consumeTogether } = await import('#lib/broker/consume/consume-together.ts')
    const limits = await this.#consumerLimits(request)
    const opened = ask(request.socket, () => consumeTogether(this.#model, request, limits))
    return await this.#orReasonOfLoss(opened)
  }

  async #consumerLimits({ prefetch }: Pick<ConsumerRequest, 'prefetch'>): Promise<ConsumerLimits> {
    const { startWatchdog } = await import('#lib/broker/consume/watchdog.ts')
    const { replyTimeout } = this.#timing
    const onOpened: ConsumerLimits['onOpened'] = (ping) => {
      this.#watchdog ??= startWatchdog(this.#stream, {
        replyTimeout,
        isBlocked: () => this.#blocked !== undefined,
        ping,
        onTimeout: () => this.destroy(`the broker did not answer within ${replyTimeout} ms`),
      })
    }
    const onEnded = (reason: EviError) => {
      this.#end(reason)
      void this.close()
    }
    return { replyTimeout, prefetch, onOpened, onEnded }
  }

  async peek(request: PeekRequest): Promise<Peeked> {
    const { peek } = await import('#lib/broker/consume/peek.ts')
    return await this.#orReasonOfLoss(
      ask(request.socket, () => peek(this.#model, request, this.#timing.replyTimeout)),
    )
  }

  /** A channel knows only that its connection is gone; the connection has the broker's reason. */
  async #orReasonOfLoss<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (!(error instanceof EviError) || error.code !== 'unreachable' || error instanceof ConnectionFull)
        throw error
      await this.#seeItGo()
      throw (await this.lost) ?? error
    }
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
    return await this.#orReasonOfLoss(
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
    return await this.#orReasonOfLoss(lookups.inTurn(() => look((question) => lookups.ask(question))))
  }

  async rehearse(socket: Socket): Promise<Rehearsal> {
    const { replyTimeout } = this.#timing
    const limits = { replyTimeout, blocked: this.#blocking }
    const rehearsal = await this.#lookUp((ask) => rehearse(ask, socket, limits))
    if (!('code' in rehearsal)) return rehearsal
    if (statusOf(rehearsal) === 'timeout') this.#silent = true
    if (statusOf(rehearsal) !== 'unreachable') return rehearsal
    await this.#seeItGo()
    const lost = await this.lost
    return lost ? failureOf(lost) : rehearsal
  }

  get isWanted(): boolean {
    return areSlotsWanted()
  }

  onWanted(listener: () => void): void {
    void this.lost.then(onSlotWanted(listener))
  }

  async close(): Promise<void> {
    this.#watchdog?.()
    void this.lost.then(leaveSlot())
    const closing = this.#model.close().catch(() => {})
    const closed = await withDeadline(closing, this.#silent ? 0 : this.#timing.replyTimeout)
    if (closed === 'late') this.destroy('it did not answer the close')
  }

  destroy(reason: string): void {
    const failure = new EviError('unreachable', reason)
    // amqplib hears of an error, and not of a stream that just ends.
    this.#stream.destroy(failure)
    // A stream that is destroyed already emits nothing more; `close` comes first where it comes at all.
    setImmediate(() => this.#end(lossError(failure, this.host)))
  }

  get #lookupLimits(): LookupLimits {
    return { socket: this.#socket, replyTimeout: this.#timing.replyTimeout }
  }

  get #stream(): TcpSocket {
    return insideOf(this.#model).stream
  }
}
