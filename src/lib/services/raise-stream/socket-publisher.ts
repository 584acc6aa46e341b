import type { BrokerConnection, Message, Publisher, PublishOutcome } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { isTransient } from '#lib/errors.ts'
import { InFlightWindow } from './in-flight-window.ts'
import { RetryBudget } from './retry-budget.ts'
import type { ConnectionListener, SharedConnection } from './shared-connection.ts'
import { failsAll, interrupted, interruptedInFlight, toFailure } from './transient.ts'

export interface SocketPublisherOptions<M extends Message> {
  readonly socket: Socket
  readonly connection: Pick<SharedConnection, 'opened'>
  /** Synchronous: what the broker rejects, or does not confirm for now, is retried. */
  readonly confirm: boolean
  readonly properties: MessageProperties
  /** The most unconfirmed messages in flight. */
  readonly window: number
  /** Milliseconds to retry while nothing is confirmed. */
  readonly retryFor: number
  /** Nothing is retried any more. */
  readonly signal: AbortSignal
  readonly listener: ConnectionListener
  /** Called once for each message. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
  /** Called before a message is sent again that may have arrived. */
  readonly resending: (message: M) => void
}

/** Milliseconds without an attempt after a failure that the next message would meet, too. */
const restTime = 1000

/** The channel to publish on: none, one that is being opened (after a wait where one was lost), or an open one. */
type Channel<M extends Message> =
  | { readonly state: 'none' | 'opening' }
  | { readonly state: 'open'; readonly publisher: Publisher<M>; readonly connection: BrokerConnection }

/** Why a channel ended, and what it left unconfirmed. */
interface End<M> {
  readonly reason: PublishFailure
  readonly unconfirmed: readonly M[]
}

/**
 * Publishes messages to one socket, many at a time, and settles each. What was unconfirmed when a channel ended is sent
 * again, so a message arrives at least once or fails.
 */
export class SocketPublisher<M extends Message> {
  readonly #options: SocketPublisherOptions<M>
  readonly #window: InFlightWindow
  readonly #budget: RetryBudget
  #channel: Channel<M> = { state: 'none' }
  /** Not handed to a channel yet, in order. */
  #waiting: M[] = []
  /** Rejected by the broker (nack), to be sent again. */
  #rejected: M[] = []
  /** Those of the waiting that were sent before, unconfirmed: they may have arrived. */
  readonly #doubtful = new Set<M>()
  /** The broker has answered for a message of this channel, so those behind it may have arrived, too. */
  #hasAnswered = false
  #inFlight = 0
  /** So many messages go one by one, to isolate the poison message among them that closed the channel. */
  #isolating = 0
  #rest: { readonly until: number; readonly failure: PublishFailure } | undefined

  constructor(options: SocketPublisherOptions<M>) {
    this.#options = options
    this.#window = new InFlightWindow(options.window)
    this.#budget = new RetryBudget(options)
  }

  /** There is no room for more, for now. */
  get isFull(): boolean {
    return this.#window.isFull || this.#isCongested
  }

  /** Takes a message over, which `flush` sends. */
  offer(message: M): void {
    this.#window.add(message)
    if (this.#channel.state === 'open' && this.#waiting.length === 0 && this.#isolating === 0)
      this.#hand(message, this.#channel.publisher)
    else this.#waiting.push(message)
  }

  /** Sends what was offered. */
  flush(): void {
    if (this.#channel.state === 'open') this.#send()
    else if (this.#channel.state === 'none' && this.#waiting.length > 0) void this.#open()
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.isFull) {
      const room = this.#window.room()
      const { publisher } = this.#channel.state === 'open' ? this.#channel : {}
      await (publisher?.congested ? Promise.race([room, publisher.drained()]) : room)
    }
  }

  /** Resolves when all messages are settled. */
  async done(): Promise<void> {
    while (!this.#window.isEmpty) await this.#window.room()
  }

  /** Settles all that is open as interrupted. */
  interrupt(): void {
    for (const message of this.#leaveChannel()) this.#settle(message, interruptedInFlight)
    this.#waiting.unshift(...this.#rejected)
    this.#rejected = []
    this.#failWaiting(interrupted)
  }

  get #isCongested(): boolean {
    return this.#channel.state === 'open' && this.#channel.publisher.congested
  }

  async #open(): Promise<void> {
    if (this.#rest && performance.now() < this.#rest.until) return this.#failWaiting(this.#rest.failure)
    this.#channel = { state: 'opening' }
    let connection: BrokerConnection | undefined
    let end: End<M> | undefined
    try {
      connection = await this.#options.connection.opened()
      end = await this.#openChannel(connection)
    } catch (error) {
      const failure = toFailure(error, this.#options.signal)
      if (!connection || !isTransient(failure)) {
        this.#channel = { state: 'none' }
        return this.#giveUp(failure)
      }
      // A connection that opens no channel is of no use.
      connection.destroy(failure.reason)
      end = { reason: failure, unconfirmed: [] }
    }
    if (end) await this.#recover(end, connection)
    else this.#send()
  }

  /** Opens a channel; returns its end where that came before the channel could be used. @throws EviError */
  async #openChannel(connection: BrokerConnection): Promise<End<M> | undefined> {
    const { socket, properties, confirm, retryFor } = this.#options
    let channel: Channel<M> | undefined
    let early: End<M> | undefined
    const publisher = await connection.openPublisher<M>({
      socket,
      properties,
      stallLimit: confirm ? retryFor : 0,
      listener: {
        settled: (message, outcome) => this.#answered(message, outcome),
        ended: (reason, unconfirmed) => {
          if (channel === undefined) early = { reason, unconfirmed }
          else if (channel === this.#channel) void this.#recover({ reason, unconfirmed }, connection)
        },
      },
    })
    if (early) return early
    channel = { state: 'open', publisher, connection }
    this.#channel = channel
    this.#hasAnswered = false
    return undefined
  }

  #send(): void {
    if (this.#channel.state !== 'open') return
    const { publisher } = this.#channel
    while (this.#waiting.length > 0 && !(this.#isolating > 0 && this.#inFlight > 0)) {
      this.#hand(this.#waiting.shift() as M, publisher)
    }
    publisher.flush()
  }

  #hand(message: M, publisher: Publisher<M>): void {
    try {
      publisher.publish(message)
      this.#inFlight++
    } catch (error) {
      this.#settle(message, toFailure(error, this.#options.signal))
      return
    }
    if (this.#doubtful.size > 0 && this.#doubtful.delete(message)) this.#options.resending(message)
  }

  #answered(message: M, outcome: PublishOutcome): void {
    this.#inFlight--
    this.#hasAnswered = true
    if (outcome.status === 'rejected' && this.#options.confirm) this.#retryLater(message, outcome)
    else {
      this.#budget.reset()
      this.#settle(message, outcome)
    }
    if (this.#isolating === 0) return
    this.#isolating--
    this.#send()
  }

  /** A queue that is full, or has no leader for the moment, may take the message later. */
  #retryLater(message: M, reason: PublishFailure): void {
    if (this.#rejected.push(message) === 1) void this.#retryRejected(reason)
  }

  async #retryRejected(reason: PublishFailure): Promise<void> {
    const isTime = await this.#budget.next(reason)
    const rejected = this.#rejected
    this.#rejected = []
    if (!isTime) {
      for (const message of rejected) this.#settle(message, reason)
      return
    }
    this.#waiting = [...rejected, ...this.#waiting]
    // On a channel that met a quorum queue while it had no leader, RabbitMQ 3.10 goes on rejecting when it has one.
    if (this.#inFlight === 0) this.#leaveChannel()
    this.flush()
  }

  /** Closes the channel, where there is one, and returns what it leaves unconfirmed. */
  #leaveChannel(): readonly M[] {
    if (this.#channel.state !== 'open') return []
    const unconfirmed = this.#channel.publisher.close()
    this.#channel = { state: 'none' }
    this.#inFlight = 0
    return unconfirmed
  }

  /** The channel has ended. What it left goes through the next one, but for a message that closed it. */
  async #recover({ reason, unconfirmed }: End<M>, connection: BrokerConnection | undefined): Promise<void> {
    this.#channel = { state: 'opening' }
    this.#inFlight = 0
    this.#waiting = [...unconfirmed, ...this.#waiting]
    if (this.#hasAnswered || isTransient(reason) || !failsAll(reason))
      for (const message of unconfirmed) this.#doubtful.add(message)
    if (isTransient(reason)) {
      if (!(await this.#mayRetry(reason, connection))) this.#giveUp(reason)
    } else if (unconfirmed.length > 1) this.#isolating = unconfirmed.length
    else this.#failFirst(reason)
    this.#channel = { state: 'none' }
    if (this.#waiting.length > 0) await this.#open()
  }

  /** Resolves when it is time for the next attempt; to false when there is none. */
  async #mayRetry(reason: PublishFailure, connection: BrokerConnection | undefined): Promise<boolean> {
    if (this.#options.signal.aborted) return false
    // A broker that answers everything else was waited for long enough.
    if (reason.status === 'timeout' && (await connection?.answers())) return false
    await connection?.lost
    return await this.#budget.next(reason)
  }

  /** The first message closed the channel; the others fail with it where they would do the same. */
  #failFirst(reason: PublishFailure): void {
    this.#isolating = 0
    const first = failsAll(reason) ? undefined : this.#waiting.shift()
    if (first) this.#settle(first, reason)
    else this.#giveUp(reason)
  }

  /** Fails what waits, and what is offered within the next second. */
  #giveUp(failure: PublishFailure): void {
    this.#isolating = 0
    this.#rest = { until: performance.now() + restTime, failure }
    this.#failWaiting(failure)
  }

  #failWaiting(failure: PublishFailure): void {
    const failed = this.#waiting
    this.#waiting = []
    for (const message of failed)
      this.#settle(message, this.#doubtful.has(message) ? doubtful(failure) : failure)
  }

  #settle(message: M, outcome: PublishOutcome): void {
    this.#doubtful.delete(message)
    this.#options.settled(message, this.#options.socket, outcome)
    this.#window.remove(message)
  }
}

function doubtful(failure: PublishFailure): PublishFailure {
  if (failure.mayHaveArrived) return failure
  return { ...failure, reason: `${failure.reason} The message may have arrived.`, mayHaveArrived: true }
}
