import { RetryBudget } from '#lib/async/retry-budget.ts'
import type { Message } from '#lib/broker/broker.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { interrupted } from './transient.ts'
import { type RetryLimits, waitForRetry } from './wait-for-retry.ts'

export interface RejectionsOptions<M extends Message> extends RetryLimits {
  /** Milliseconds to retry while nothing is confirmed. */
  readonly retryFor: number
  /** Publishes the message again, for the next flush. */
  readonly again: (message: M, socket: Socket) => void
  readonly flush: () => void
  readonly failed: (message: M, socket: Socket, reason: PublishFailure) => void
}

/** Messages to a socket that wait for the next attempt. */
interface Rejected<M> {
  messages: M[]
  readonly budget: RetryBudget
}

/**
 * Messages that the broker rejected (nack): a queue that is full, or has no leader for the moment, may take them later.
 * Each socket has a retry budget of its own, as the others go on.
 */
export class Rejections<M extends Message> {
  readonly #options: RejectionsOptions<M>
  readonly #bySocket = new Map<Socket, Rejected<M>>()
  /** When the next attempt is made that was reported, for each reason. */
  readonly #reportedUntil = new Map<string, number>()

  constructor(options: RejectionsOptions<M>) {
    this.#options = options
  }

  add(message: M, socket: Socket, reason: PublishFailure): void {
    let rejected = this.#bySocket.get(socket)
    if (!rejected) {
      rejected = { messages: [], budget: new RetryBudget(this.#options.retryFor) }
      this.#bySocket.set(socket, rejected)
    }
    if (rejected.messages.push(message) === 1) void this.#retry(socket, rejected, reason)
  }

  /** The socket's queue took a message. */
  taken(socket: Socket): void {
    if (this.#bySocket.size > 0) this.#bySocket.get(socket)?.budget.reset()
  }

  /** Fails all messages that wait for a retry, as interrupted. */
  interrupt(): void {
    for (const [socket, rejected] of this.#bySocket) this.#fail(socket, rejected, interrupted)
  }

  async #retry(socket: Socket, rejected: Rejected<M>, reason: PublishFailure): Promise<void> {
    const report = { lost: (why: string, retryInMs: number) => this.#report(socket, why, retryInMs) }
    const again = await waitForRetry(rejected.budget, reason, { ...this.#options, listener: report })
    if (!again) return this.#fail(socket, rejected, reason)
    for (const message of rejected.messages.splice(0)) this.#options.again(message, socket)
    this.#options.flush()
  }

  /** Once for all sockets that wait alike, as one node that is gone may reject the messages of thousands. */
  #report(socket: Socket, reason: string, retryInMs: number): void {
    const now = performance.now()
    if (now < (this.#reportedUntil.get(reason) ?? 0)) return
    this.#reportedUntil.set(reason, now + retryInMs)
    this.#options.listener.lost(`${printSocket(socket)}: ${reason}`, retryInMs)
  }

  #fail(socket: Socket, rejected: Rejected<M>, reason: PublishFailure): void {
    for (const message of rejected.messages.splice(0)) this.#options.failed(message, socket, reason)
  }
}
