import { RetryBudget } from '#lib/async/retry-budget.ts'
import type {
  BrokerConnection,
  Message,
  OpenMessage,
  Publisher,
  PublisherRequest,
  PublishManner,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { isTransient } from '#lib/errors.ts'
import { type ChannelsEnd, openChannels } from './open-channels.ts'
import type { PublishingOptions } from './publishing-options.ts'
import { Rejections } from './rejections.ts'
import type { ConnectionToPublish } from './shared-connection.ts'
import { interrupted, interruptedInFlight, toFailure } from './transient.ts'
import { UnsentMessages } from './unsent-messages.ts'
import { waitForRetry } from './wait-for-retry.ts'

export interface RecoveringPublisherOptions<M extends Message> extends PublishingOptions<M> {
  readonly connection: ConnectionToPublish
  /** Whether all that was published is settled, so that the connection can be left to others. */
  readonly isIdle: () => boolean
  /** See `PublisherListener.held`. */
  readonly held: (change: number) => void
}

/** The channels to publish on: none, being opened (after a wait where a connection was lost), open, or being closed for others. */
type State<M extends Message> =
  | { readonly is: 'idle' | 'opening' | 'closing' }
  | { readonly is: 'open'; readonly publisher: Publisher<M>; readonly connection: BrokerConnection }

/**
 * Publishes on channels that are opened again when the connection is lost, and sends again what was unconfirmed then, or
 * rejected. So a message arrives at least once or fails.
 */
export class RecoveringPublisher<M extends Message> {
  readonly #options: RecoveringPublisherOptions<M>
  readonly #budget: RetryBudget
  readonly #rejections: Rejections<M>
  readonly #unsent: UnsentMessages<M>
  #state: State<M> = { is: 'idle' }

  constructor(options: RecoveringPublisherOptions<M>) {
    this.#options = options
    this.#budget = new RetryBudget(options.retryFor)
    this.#unsent = new UnsentMessages(options.settled)
    this.#rejections = new Rejections({
      ...options,
      again: (message, socket) => this.#publishRejected(message, socket),
      flush: () => this.flush(),
      failed: options.settled,
    })
  }

  /** The connection takes no more for now. */
  get congested(): boolean {
    return this.#state.is === 'open' && this.#state.publisher.congested
  }

  /** Resolves when the congested connection takes more, or is gone. */
  async drained(): Promise<void> {
    if (this.#state.is === 'open') await this.#state.publisher.drained()
  }

  /** Gathers the message for the next `flush`. */
  publish(message: M, socket: Socket): void {
    if (this.#state.is === 'open') this.#publish(this.#state.publisher, message, socket, undefined)
    else this.#unsent.add({ message, socket, mayHaveArrived: false })
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.#state.is === 'open') this.#state.publisher.flush()
    else if (this.#state.is === 'idle' && !this.#unsent.isEmpty) void this.#open()
  }

  /** Settles as interrupted what is not in flight. */
  dropUnsent(): void {
    this.#rejections.interrupt()
    this.#interrupt(this.#unsent.takeAll())
  }

  /** Settles all that is open as interrupted. */
  interrupt(): void {
    const { publisher } = this.#state.is === 'open' ? this.#state : {}
    this.#state = { is: 'idle' }
    this.#interrupt(publisher?.close() ?? [])
    this.dropUnsent()
  }

  /** Leaves the connection's descriptor, or its channels, to another login that waits for them, unless messages are in flight. */
  async yield(): Promise<void> {
    if (this.#state.is !== 'open' || !this.#options.isIdle()) return
    const { connection: shared } = this.#options
    const { publisher, connection } = this.#state
    if (!shared.isWanted(connection)) return
    publisher.close()
    this.#state = { is: 'closing' }
    await shared.release(connection)
    this.#state = { is: 'idle' }
    this.flush()
  }

  #interrupt(open: readonly OpenMessage<M>[]): void {
    for (const { message, socket, mayHaveArrived } of open)
      this.#options.settled(message, socket, mayHaveArrived ? interruptedInFlight : interrupted)
  }

  #publishRejected(message: M, socket: Socket): void {
    // Another queue of the exchange may have taken it.
    const mayHaveArrived = socket.exchange !== ''
    if (this.#state.is === 'open')
      this.#publish(this.#state.publisher, message, socket, { renewed: true, mayHaveArrived })
    else this.#unsent.add({ message, socket, mayHaveArrived })
  }

  #publish(publisher: Publisher<M>, message: M, socket: Socket, manner: PublishManner | undefined): void {
    try {
      publisher.publish(message, socket, manner)
    } catch (error) {
      this.#options.settled(message, socket, toFailure(error, this.#options.signal))
    }
  }

  async #open(): Promise<void> {
    if (this.#unsent.failAgain()) return
    this.#state = { is: 'opening' }
    let connection: BrokerConnection | undefined
    let end: ChannelsEnd<M> | undefined
    try {
      connection = await this.#options.connection.opened()
      end = await this.#openChannels(connection)
    } catch (error) {
      const failure = toFailure(error, this.#options.signal)
      if (!connection || !isTransient(failure)) return this.#giveUp(failure)
      // A connection that opens no channel is of no use.
      connection.destroy(failure.message)
      end = { reason: failure, open: [] }
    }
    if (end) await this.#recover(end, connection)
  }

  /** Opens the channels and publishes what waits; returns their end where that came before. @throws EviError */
  async #openChannels(connection: BrokerConnection): Promise<ChannelsEnd<M> | undefined> {
    const { connection: shared, properties, confirm, retryFor, resending, held } = this.#options
    const request: PublisherRequest<M> = {
      channels: shared.channelsFor(this.#unsent.socketCount),
      properties,
      stallLimit: confirm ? retryFor : 0,
      listener: {
        settled: (message, socket, outcome) => this.#answered(message, socket, outcome),
        resending,
        held,
        ended: (reason, open) => void this.#recover({ reason, open }, connection),
      },
    }
    return await openChannels(connection, request, (publisher) => {
      this.#state = { is: 'open', publisher, connection }
      shared.inUse(connection, () => void this.yield())
      for (const { message, socket, mayHaveArrived } of this.#unsent.takeAll())
        this.#publish(publisher, message, socket, mayHaveArrived ? { mayHaveArrived } : undefined)
      publisher.flush()
    })
  }

  #answered(message: M, socket: Socket, outcome: PublishOutcome): void {
    if ('code' in outcome && outcome.code === 'rejected' && this.#options.confirm) {
      this.#rejections.add(message, socket, outcome)
      return
    }
    this.#budget.reset()
    this.#rejections.taken(socket)
    this.#options.settled(message, socket, outcome)
  }

  /** The connection is lost. What it left goes through the next one. */
  async #recover({ reason, open }: ChannelsEnd<M>, connection: BrokerConnection | undefined): Promise<void> {
    this.#state = { is: 'opening' }
    this.#unsent.putBack(open)
    if (!(await this.#mayRetry(reason, connection))) return this.#giveUp(reason)
    this.#state = { is: 'idle' }
    this.flush()
  }

  /** Resolves when it is time for the next attempt; to false when there is none. */
  async #mayRetry(reason: PublishFailure, connection: BrokerConnection | undefined): Promise<boolean> {
    if (this.#options.signal.aborted) return false
    await connection?.lost
    const { connection: shared, signal } = this.#options
    if (shared.awaitsTurn) return true
    const report = { lost: (why: string, retryInMs: number) => shared.reportRetry(why, retryInMs) }
    const retry = isTransient(reason) && waitForRetry(this.#budget, reason, { signal, listener: report })
    shared.reportLoss()
    return await retry
  }

  /** Fails what waits, and what is offered within the next second. */
  #giveUp(failure: PublishFailure): void {
    this.#state = { is: 'idle' }
    this.#unsent.fail(failure)
  }
}
