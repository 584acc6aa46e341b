import type { BrokerConnection, Message, Publisher, PublishOutcome } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { Load } from './in-flight-window.ts'
import { Setbacks } from './retry-budget.ts'
import type { Link, LinkListener } from './shared-connection.ts'
import { interrupted, isLasting, mayPass, toFailure } from './transient.ts'

export interface DeliveryOptions<M extends Message> {
  readonly socket: Socket
  readonly link: Link
  readonly confirm: boolean
  readonly properties: MessageProperties
  /** The most messages on their way. */
  readonly window: number
  /** Milliseconds to go on trying while nothing gets through. */
  readonly patience: number
  /** Nothing is tried again any more. */
  readonly signal: AbortSignal
  readonly listener: LinkListener
  /** Told once for each message. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
}

/** Milliseconds that nothing is tried after a failure which the next message would meet, too. */
const restTime = 1000

/**
 * With so many left on their way, more are sent. Confirms come one after the other, so half of the window is waited for,
 * that many messages go with one write; a barrier settles many at once, and a broker that has answered the last one has
 * nothing left to do.
 */
function enoughFor({ confirm, window }: { readonly confirm: boolean; readonly window: number }): number {
  return confirm ? window / 2 : window - 1
}

/**
 * Publishes messages to one socket, many at a time, and sees each to its end. What was on its way when a connection was
 * lost is sent again, so a message arrives at least once or is told as failed.
 */
export class Delivery<M extends Message> {
  readonly #options: DeliveryOptions<M>
  readonly #load: Load
  readonly #setbacks: Setbacks
  #connection: BrokerConnection | undefined
  #publisher: Publisher<M> | undefined
  #opening = false
  /** Not handed to a publisher yet, in order. */
  #waiting: M[] = []
  /** To be sent again, as the broker did not take them. */
  #rejected: M[] = []
  #onTheWay = 0
  /** So many go one by one, as one of them closed the channel and which one is to be found out. */
  #suspects = 0
  #rest: { readonly until: number; readonly failure: PublishFailure } | undefined

  constructor(options: DeliveryOptions<M>) {
    this.#options = options
    this.#load = new Load(options.window, enoughFor(options))
    this.#setbacks = new Setbacks(options)
  }

  /** There is no room for more, for now. */
  get full(): boolean {
    return this.#load.full || this.#congested
  }

  /** Takes a message over, which `flush` sends. */
  offer(message: M): void {
    this.#load.add(message)
    if (this.#publisher && this.#waiting.length === 0) this.#hand(message)
    else this.#waiting.push(message)
  }

  /** Sends what was offered. */
  flush(): void {
    if (this.#publisher) this.#publisher.flush()
    else if (this.#waiting.length > 0 && !this.#opening) void this.#open()
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.full) {
      const less = this.#load.less()
      await (this.#congested ? Promise.race([less, this.#publisher?.drained()]) : less)
    }
  }

  /** Resolves when all messages have come to their ends. */
  async done(): Promise<void> {
    while (!this.#load.empty) await this.#load.less()
  }

  /** Gives up what is not on its way. */
  interrupt(): void {
    this.#fail(interrupted)
  }

  get #congested(): boolean {
    return this.#publisher?.congested ?? false
  }

  async #open(): Promise<void> {
    const { link, signal } = this.#options
    if (this.#rest && performance.now() < this.#rest.until) return this.#fail(this.#rest.failure)
    this.#opening = true
    let connection: BrokerConnection | undefined
    try {
      connection = await link.opened()
      this.#publisher = await this.#openPublisher(connection)
      this.#opening = false
    } catch (error) {
      this.#opening = false
      const failure = toFailure(error, signal)
      if (!connection || !mayPass(failure)) return this.#giveUp(failure)
      // A connection that opens no channel is of no use.
      connection.abandon(failure.reason)
      return await this.#recover(failure, [])
    }
    this.#send()
  }

  async #openPublisher(connection: BrokerConnection): Promise<Publisher<M>> {
    this.#connection = connection
    const { socket, properties, confirm, patience } = this.#options
    return await connection.openPublisher({
      socket,
      properties,
      confirm,
      patience,
      listener: {
        settled: (message, outcome) => this.#arrived(message, outcome),
        ended: (reason, unsettled) => void this.#recover(reason, unsettled),
      },
    })
  }

  #send(): void {
    while (this.#publisher && this.#waiting.length > 0 && !(this.#suspects > 0 && this.#onTheWay > 0)) {
      this.#hand(this.#waiting.shift() as M)
    }
    this.#publisher?.flush()
  }

  #hand(message: M): void {
    try {
      this.#publisher?.publish(message)
      this.#onTheWay++
    } catch (error) {
      this.#settle(message, toFailure(error, this.#options.signal))
    }
  }

  #arrived(message: M, outcome: PublishOutcome): void {
    this.#onTheWay--
    if (outcome.status === 'rejected') this.#reject(message, outcome)
    else {
      this.#setbacks.forget()
      this.#settle(message, outcome)
    }
    if (this.#suspects === 0) return
    this.#suspects--
    this.#send()
  }

  /** A queue that is full, or has no leader for the moment, may take the message later. */
  #reject(message: M, reason: PublishFailure): void {
    if (this.#rejected.push(message) === 1) void this.#sendAgain(reason)
  }

  async #sendAgain(reason: PublishFailure): Promise<void> {
    const again = await this.#setbacks.next(reason)
    const rejected = this.#rejected
    this.#rejected = []
    if (again) {
      this.#waiting = [...rejected, ...this.#waiting]
      // On a channel that met a quorum queue while it had no leader, RabbitMQ 3.10 goes on rejecting when it has one.
      if (this.#onTheWay === 0) this.#leaveChannel()
      if (this.#publisher) this.#send()
      else this.flush()
    } else for (const message of rejected) this.#settle(message, reason)
  }

  #leaveChannel(): void {
    this.#publisher?.close()
    this.#publisher = undefined
  }

  /** The publisher is at its end. What it left goes through the next one, but for what caused the end. */
  async #recover(reason: PublishFailure, unsettled: readonly M[]): Promise<void> {
    const { signal } = this.#options
    this.#publisher = undefined
    this.#onTheWay = 0
    this.#waiting = [...unsettled, ...this.#waiting]
    this.#opening = true
    let culprit = false
    if (signal.aborted) this.#fail(reason)
    else if (mayPass(reason)) culprit = !(await this.#passes(reason))
    else if (unsettled.length > 1) this.#suspects = unsettled.length
    else culprit = true
    this.#opening = false
    if (culprit) this.#blame(reason)
    if (this.#waiting.length > 0) await this.#open()
  }

  /** Resolves when there is sense in trying again; false when there will be none. */
  async #passes(reason: PublishFailure): Promise<boolean> {
    // One that answers everything else was waited for long enough.
    if (reason.status === 'timeout' && (await this.#connection?.answers())) return false
    await this.#connection?.lost
    return await this.#setbacks.next(reason)
  }

  /** The first message is why, and so are the others where they would fare alike. */
  #blame(reason: PublishFailure): void {
    this.#suspects = 0
    if (isLasting(reason)) this.#giveUp(reason)
    else this.#settle(this.#waiting.shift() as M, reason)
  }

  /** Nothing gets through: what waits has failed, and so has what is offered within the next second. */
  #giveUp(failure: PublishFailure): void {
    this.#rest = { until: performance.now() + restTime, failure }
    this.#fail(failure)
  }

  #fail(failure: PublishFailure): void {
    const failed = this.#waiting
    this.#waiting = []
    for (const message of failed) this.#settle(message, failure)
  }

  #settle(message: M, outcome: PublishOutcome): void {
    this.#options.settled(message, this.#options.socket, outcome)
    this.#load.remove(message)
  }
}
