import type { Message, OpenMessage, PublishOutcome } from '#lib/broker/broker.ts'
import { failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** Milliseconds without an attempt after a failure that the next message would meet, too. */
const restTime = 1000

/** Messages of one login that wait for its channels, in order. */
export class UnsentMessages<M extends Message> {
  readonly #settle: (message: M, socket: Socket, outcome: PublishOutcome) => void
  readonly #sockets = new Set<Socket>()
  #messages: OpenMessage<M>[] = []
  #rest: { readonly until: number; readonly failure: PublishFailure } | undefined

  constructor(settle: (message: M, socket: Socket, outcome: PublishOutcome) => void) {
    this.#settle = settle
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  /** How many sockets messages have waited for. */
  get socketCount(): number {
    return this.#sockets.size
  }

  add(open: OpenMessage<M>): void {
    this.#sockets.add(open.socket)
    this.#messages.push(open)
  }

  /** Puts what lost channels left before all that waits. */
  putBack(left: readonly OpenMessage<M>[]): void {
    for (const { socket } of left) this.#sockets.add(socket)
    this.#messages = [...left, ...this.#messages]
  }

  /** Removes and returns all. */
  takeAll(): readonly OpenMessage<M>[] {
    return this.#messages.splice(0)
  }

  /** Fails what waits; within the next second, `failAgain` fails what has come since. */
  fail(failure: PublishFailure): void {
    this.#rest = { until: performance.now() + restTime, failure }
    this.#settleAll(failure)
  }

  /** Fails what waits where the last attempt failed a moment ago. @returns whether it did */
  failAgain(): boolean {
    if (!this.#rest || performance.now() >= this.#rest.until) return false
    this.#settleAll(this.#rest.failure)
    return true
  }

  #settleAll(failure: PublishFailure): void {
    for (const open of this.takeAll()) this.#settle(open.message, open.socket, failureOfOpen(open, failure))
  }
}
