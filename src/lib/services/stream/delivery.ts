import type { Message, Publisher, PublishOutcome } from '../../broker/broker.ts'
import type { MessageProperties } from '../../domain/message-properties.ts'
import { failureOf, type PublishFailure } from '../../domain/publish-failure.ts'
import type { Socket } from '../../domain/socket.ts'
import { EviError } from '../../errors.ts'
import type { Link } from './link.ts'

export interface DeliveryOptions<M extends Message> {
  readonly socket: Socket
  readonly link: Link
  readonly confirm: boolean
  readonly properties: MessageProperties
  /** The most messages on their way. */
  readonly window: number
  /** Milliseconds without an answer to any message after which they have failed. */
  readonly patience: number
  /** Nothing is tried again any more. */
  readonly signal: AbortSignal
  /** Told once for each message. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
}

/** The most bytes on their way, whatever the window; one message is let through always. */
const byteLimit = 16 * 1024 * 1024
/** Milliseconds that nothing is tried after a failure which the next message would meet, too. */
const restTime = 1000
/** Failures that the next message would meet, too. */
const lasting = new Set<PublishFailure['status']>(['no-exchange', 'refused', 'timeout'])

/**
 * Publishes messages to one socket, many at a time, and sees each to its end. What was on its way when a connection was
 * lost is sent again, so a message arrives at least once or is told as failed.
 */
export class Delivery<M extends Message> {
  readonly #options: DeliveryOptions<M>
  /**
   * With so many on their way there is room for more again. Confirms come one after the other, so half of the window is
   * waited for, that many messages go with one write; a barrier settles many at once, and a broker that has answered the
   * last one has nothing left to do.
   */
  readonly #enough: number
  #publisher: Publisher<M> | undefined
  #opening = false
  /** Not handed to a publisher yet, in order. */
  #waiting: M[] = []
  #onTheWay = 0
  #bytes = 0
  /** So many go one by one, as one of them closed the channel and which one is to be found out. */
  #suspects = 0
  #silentSince: number | undefined
  #rest: { readonly until: number; readonly failure: PublishFailure } | undefined
  #room: PromiseWithResolvers<void> | undefined

  constructor(options: DeliveryOptions<M>) {
    this.#options = options
    this.#enough = options.confirm ? options.window / 2 : options.window - 1
  }

  /** There is no room for more, for now. */
  get full(): boolean {
    const { window } = this.#options
    return this.#size >= window || this.#bytes >= byteLimit || this.#congested
  }

  /** Takes a message over, which `flush` sends. */
  offer(message: M): void {
    this.#bytes += message.body.length
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
      const settled = this.#nextRoom()
      await (this.#congested ? Promise.race([settled, this.#publisher?.drained()]) : settled)
    }
  }

  /** Resolves when all messages have come to their ends. */
  async done(): Promise<void> {
    while (this.#size > 0) await this.#nextRoom()
  }

  /** Gives up what is not on its way. */
  interrupt(): void {
    this.#fail(failureOf(new EviError('interrupted', 'Interrupted before it was sent.')))
  }

  get #size(): number {
    return this.#waiting.length + this.#onTheWay
  }

  get #congested(): boolean {
    return this.#publisher?.congested ?? false
  }

  async #open(): Promise<void> {
    const { socket, link, confirm, properties } = this.#options
    if (this.#rest && performance.now() < this.#rest.until) return this.#fail(this.#rest.failure)
    this.#opening = true
    try {
      const listener = {
        settled: (message: M, outcome: PublishOutcome) => this.#arrived(message, outcome),
        ended: (reason: PublishFailure, unsettled: readonly M[]) => void this.#recover(reason, unsettled),
      }
      this.#publisher = await link.openPublisher({ socket, properties, confirm, patient: true, listener })
      this.#send()
    } catch (error) {
      this.#giveUp(toFailure(error, this.#options.signal))
    } finally {
      this.#opening = false
    }
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
    this.#silentSince = undefined
    this.#options.link.progressed()
    this.#settle(message, outcome)
    if (this.#suspects === 0) return
    this.#suspects--
    this.#send()
  }

  /** The publisher is at its end. What it left goes through the next one, but for what caused the end. */
  async #recover(reason: PublishFailure, unsettled: readonly M[]): Promise<void> {
    const { link, signal } = this.#options
    this.#publisher = undefined
    this.#onTheWay = 0
    this.#waiting = [...unsettled, ...this.#waiting]
    this.#opening = true
    let culprit = false
    if (signal.aborted) this.#fail(reason)
    else if (reason.code === 'unreachable') await link.gone()
    else if (reason.status === 'timeout') culprit = this.#isTiredOfSilence() || (await link.answers())
    else if (unsettled.length > 1) this.#suspects = unsettled.length
    else culprit = true
    this.#opening = false
    if (culprit) this.#blame(reason)
    if (this.#waiting.length > 0) await this.#open()
  }

  #isTiredOfSilence(): boolean {
    this.#silentSince ??= performance.now()
    return performance.now() - this.#silentSince > this.#options.patience
  }

  /** The first message is why, and so are the others where they would fare alike. */
  #blame(reason: PublishFailure): void {
    this.#suspects = 0
    if (lasting.has(reason.status)) this.#giveUp(reason)
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
    this.#bytes -= message.body.length
    this.#options.settled(message, this.#options.socket, outcome)
    if (this.#size > this.#enough || this.#bytes > byteLimit / 2) return
    this.#room?.resolve()
    this.#room = undefined
  }

  async #nextRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers()
    await this.#room.promise
  }
}

function toFailure(error: unknown, signal: AbortSignal): PublishFailure {
  if (signal.aborted) return failureOf(new EviError('interrupted', 'Interrupted before it was sent.'))
  if (error instanceof EviError) return failureOf(error)
  throw error
}
