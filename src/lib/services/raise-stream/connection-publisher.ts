import { RetryBudget } from '#lib/async/retry-budget.ts'
import type {
  BrokerConnection,
  Message,
  OpenMessage,
  Publisher,
  PublishManner,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import { failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { isTransient } from '#lib/errors.ts'
import { FanOut } from './fan-out.ts'
import { InFlightWindow } from './in-flight-window.ts'
import type { PublishingOptions } from './publishing-options.ts'
import { Rejections } from './rejections.ts'
import type { SharedConnection } from './shared-connection.ts'
import { interrupted, interruptedInFlight, toFailure } from './transient.ts'
import { waitForRetry } from './wait-for-retry.ts'

export interface ConnectionPublisherOptions<M extends Message> extends PublishingOptions<M> {
  readonly connection: Pick<SharedConnection, 'opened' | 'channelsFor' | 'release'>
}

/** Milliseconds without an attempt after a failure that the next message would meet, too. */
const restTime = 1000

/** The channels to publish on: none, being opened (after a wait where a connection was lost), open, or being closed for others. */
type State<M extends Message> =
  | { readonly is: 'idle' | 'opening' | 'closing' }
  | { readonly is: 'open'; readonly publisher: Publisher<M>; readonly connection: BrokerConnection }

/**
 * Publishes messages to the sockets of one login, many at a time, and settles each. What was unconfirmed when the
 * connection was lost is sent again, so a message arrives at least once or fails.
 */
export class ConnectionPublisher<M extends Message> {
  readonly #options: ConnectionPublisherOptions<M>
  readonly #window: InFlightWindow
  readonly #budget: RetryBudget
  readonly #rejections: Rejections<M>
  #state: State<M> = { is: 'idle' }
  /** Not handed to the publisher yet, in order. */
  #waiting: OpenMessage<M>[] = []
  /** What the window had no room for. */
  #fanOut: FanOut<M> | undefined
  #rest: { readonly until: number; readonly failure: PublishFailure } | undefined
  readonly #sockets = new Set<Socket>()

  constructor(options: ConnectionPublisherOptions<M>) {
    this.#options = options
    this.#window = new InFlightWindow(options.window)
    this.#budget = new RetryBudget(options.retryFor)
    this.#rejections = new Rejections({
      ...options,
      again: (message, socket) => this.#hand({ message, socket, mayHaveArrived: false }, { renewed: true }),
      flush: () => this.flush(),
      failed: (message, socket, reason) => this.#settle(message, socket, reason),
    })
  }

  /** There is no room for more, for now. */
  get isFull(): boolean {
    return this.#window.isFull || (this.#state.is === 'open' && this.#state.publisher.congested)
  }

  /** Takes a message over for the sockets, which `flush` sends. `room` is to be waited for where it is full then. */
  offer(message: M, sockets: readonly Socket[]): void {
    const [only] = sockets
    // An object for each message of a stream would cost more than the rest.
    if (sockets.length === 1 && only && !this.isFull) this.#take(message, only)
    else {
      this.#fanOut = new FanOut(message, sockets)
      this.#takeOver()
    }
  }

  /** Sends what was offered. */
  flush(): void {
    if (this.#state.is === 'open') this.#state.publisher.flush()
    else if (this.#state.is === 'idle' && this.#waiting.length > 0) void this.#open()
  }

  /** Resolves when all that was offered is taken over and there is room for more, or when the signal ends it all. */
  async room(): Promise<void> {
    while (this.isFull || this.#fanOut) {
      if (this.#options.signal.aborted) return this.#dropFanOut()
      const { publisher } = this.#state.is === 'open' ? this.#state : {}
      const room = this.#window.room()
      if (this.isFull) await (publisher?.congested ? Promise.race([room, publisher.drained()]) : room)
      this.#takeOver()
      this.flush()
    }
  }

  /** Resolves when all messages are settled. */
  async done(): Promise<void> {
    while (!this.#window.isEmpty || this.#fanOut) await (this.#fanOut ? this.room() : this.#window.room())
  }

  /** Settles as interrupted what is not in flight. */
  dropUnsent(): void {
    this.#rejections.interrupt()
    this.#interrupt(this.#waiting.splice(0))
    this.#dropFanOut()
  }

  /** Settles all that is open as interrupted. */
  interrupt(): void {
    const { publisher } = this.#state.is === 'open' ? this.#state : {}
    this.#state = { is: 'idle' }
    this.#interrupt(publisher?.close() ?? [])
    this.dropUnsent()
  }

  #interrupt(open: readonly OpenMessage<M>[]): void {
    for (const { message, socket, mayHaveArrived } of open)
      this.#settle(message, socket, mayHaveArrived ? interruptedInFlight : interrupted)
  }

  #takeOver(): void {
    this.#fanOut?.run(this.#take, () => this.isFull)
    if (this.#fanOut?.isDone) this.#fanOut = undefined
  }

  /** One function for all, as it is called for each message and socket. */
  readonly #take = (message: M, socket: Socket): void => {
    this.#window.add(message)
    if (this.#state.is === 'open') this.#publish(this.#state.publisher, message, socket, undefined)
    else this.#wait({ message, socket, mayHaveArrived: false })
  }

  /** Fails what the window had no room for. */
  #dropFanOut(): void {
    const fanOut = this.#fanOut
    this.#fanOut = undefined
    fanOut?.run(
      (message, socket) => this.#options.settled(message, socket, interrupted),
      () => false,
    )
  }

  #wait(open: OpenMessage<M>): void {
    this.#sockets.add(open.socket)
    this.#waiting.push(open)
  }

  #hand(open: OpenMessage<M>, manner: PublishManner | undefined): void {
    if (this.#state.is === 'open') this.#publish(this.#state.publisher, open.message, open.socket, manner)
    else this.#wait(open)
  }

  #publish(publisher: Publisher<M>, message: M, socket: Socket, manner: PublishManner | undefined): void {
    try {
      publisher.publish(message, socket, manner)
    } catch (error) {
      this.#settle(message, socket, toFailure(error, this.#options.signal))
    }
  }

  async #open(): Promise<void> {
    if (this.#rest && performance.now() < this.#rest.until) return this.#failWaiting(this.#rest.failure)
    this.#state = { is: 'opening' }
    let connection: BrokerConnection | undefined
    let end: End<M> | undefined
    try {
      connection = await this.#options.connection.opened()
      end = await this.#openPublisher(connection)
    } catch (error) {
      const failure = toFailure(error, this.#options.signal)
      if (!connection || !isTransient(failure)) return this.#giveUp(failure)
      // A connection that opens no channel is of no use.
      connection.destroy(failure.message)
      end = { reason: failure, open: [] }
    }
    if (end) await this.#recover(end, connection)
  }

  /** Opens the channels; returns their end where that came before they could be used. @throws EviError */
  async #openPublisher(connection: BrokerConnection): Promise<End<M> | undefined> {
    const { connection: shared, properties, confirm, retryFor, resending } = this.#options
    let publisher: Publisher<M> | undefined
    let early: End<M> | undefined
    const opened = await connection.openPublisher<M>({
      channels: shared.channelsFor(this.#sockets.size),
      properties,
      stallLimit: confirm ? retryFor : 0,
      listener: {
        settled: (message, socket, outcome) => this.#answered(message, socket, outcome),
        resending,
        ended: (reason, open) => {
          if (publisher === undefined) early = { reason, open }
          else void this.#recover({ reason, open }, connection)
        },
      },
    })
    if (early) return early
    publisher = opened
    this.#state = { is: 'open', publisher, connection }
    connection.onWanted(() => void this.#yield())
    for (const { message, socket, mayHaveArrived } of this.#waiting.splice(0))
      this.#publish(publisher, message, socket, mayHaveArrived ? { mayHaveArrived } : undefined)
    publisher.flush()
    return undefined
  }

  /** Leaves the connection's descriptor to another login that waits for one, unless messages are in flight. */
  async #yield(): Promise<void> {
    if (this.#state.is !== 'open' || !this.#window.isEmpty || !this.#state.connection.isWanted) return
    const { publisher, connection } = this.#state
    publisher.close()
    this.#state = { is: 'closing' }
    await this.#options.connection.release(connection)
    this.#state = { is: 'idle' }
    this.flush()
  }

  #answered(message: M, socket: Socket, outcome: PublishOutcome): void {
    if ('code' in outcome && outcome.code === 'rejected' && this.#options.confirm) {
      this.#rejections.add(message, socket, outcome)
      return
    }
    this.#budget.reset()
    this.#rejections.taken(socket)
    this.#settle(message, socket, outcome)
  }

  /** The connection is lost. What it left goes through the next one. */
  async #recover({ reason, open }: End<M>, connection: BrokerConnection | undefined): Promise<void> {
    this.#state = { is: 'opening' }
    for (const one of open) this.#sockets.add(one.socket)
    this.#waiting = [...open, ...this.#waiting]
    if (!isTransient(reason) || !(await this.#mayRetry(reason, connection))) return this.#giveUp(reason)
    this.#state = { is: 'idle' }
    this.flush()
  }

  /** Resolves when it is time for the next attempt; to false when there is none. */
  async #mayRetry(reason: PublishFailure, connection: BrokerConnection | undefined): Promise<boolean> {
    if (this.#options.signal.aborted) return false
    await connection?.lost
    return await waitForRetry(this.#budget, reason, this.#options)
  }

  /** Fails what waits, and what is offered within the next second. */
  #giveUp(failure: PublishFailure): void {
    this.#state = { is: 'idle' }
    this.#rest = { until: performance.now() + restTime, failure }
    this.#failWaiting(failure)
  }

  #failWaiting(failure: PublishFailure): void {
    for (const open of this.#waiting.splice(0))
      this.#settle(open.message, open.socket, failureOfOpen(open, failure))
  }

  #settle(message: M, socket: Socket, outcome: PublishOutcome): void {
    this.#options.settled(message, socket, outcome)
    this.#window.remove(message)
    if (this.#window.isEmpty) void this.#yield()
  }
}

/** Why a publisher ended, and what it left. */
interface End<M extends Message> {
  readonly reason: PublishFailure
  readonly open: readonly OpenMessage<M>[]
}
