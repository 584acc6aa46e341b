import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { blockedFor, unansweredFor } from './outcomes.ts'

export interface StallLimits {
  /** Milliseconds without any progress after which the broker is asked for a sign of life. */
  readonly replyTimeout: number
  /** Milliseconds to wait for confirms from a broker that answers; undefined where it is not asked. */
  readonly stallLimit: number | undefined
  /** Why the broker blocks publishers, while it does. */
  readonly blocked: () => string | undefined
  /** Whose broker it is. */
  readonly socket: Pick<Socket, 'hosts' | 'vhost'>
}

/** What is watched: a publisher over all of its channels. */
export interface Watched {
  /** Messages wait for their confirms. */
  readonly isBusy: boolean
  /** Whether the broker answers anything at all. */
  ping(): Promise<boolean>
  /** No message was confirmed for too long: those in flight fail. */
  stalled(failure: PublishFailure): void
  /** The broker answers nothing: the connection is of no use. */
  silent(failure: PublishFailure): void
  /** Fails the messages that were overtaken by others, in flight for at least so many milliseconds. */
  overtaken(milliseconds: number): void
}

/** Watches that confirms come. Progress on any channel counts, as the channels of a connection share its broker. */
export class StallWatch {
  readonly #limits: StallLimits
  readonly #watched: Watched
  #lastProgress = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limits: StallLimits, watched: Watched) {
    this.#limits = limits
    this.#watched = watched
  }

  /** A message is in flight. */
  start(): void {
    if (this.#timer) return
    this.#lastProgress = performance.now()
    this.#wait(this.#limits.replyTimeout)
  }

  progressed(): void {
    this.#lastProgress = performance.now()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Keeps the event loop alive, as unconfirmed messages must not be forgotten by its end. */
  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#look(), milliseconds)
  }

  async #look(): Promise<void> {
    const { replyTimeout, stallLimit = 0 } = this.#limits
    const timer = this.#timer
    if (!this.#watched.isBusy) return this.stop()
    const left = replyTimeout - (performance.now() - this.#lastProgress)
    if (left <= 1) await this.#judge()
    else if (this.#limits.blocked() === undefined) this.#watched.overtaken(Math.max(stallLimit, replyTimeout))
    if (this.#timer !== timer) return
    if (this.#watched.isBusy) this.#wait(left > 1 ? left : replyTimeout)
    else this.stop()
  }

  /** No confirm came within the reply timeout. */
  async #judge(): Promise<void> {
    const { replyTimeout, stallLimit, socket } = this.#limits
    const blocked = this.#limits.blocked()
    if (stallLimit === undefined) {
      const failure =
        blocked === undefined ? unansweredFor(replyTimeout, socket) : blockedFor(blocked, socket)
      return this.#watched.stalled(failure)
    }
    if (blocked !== undefined) return
    if (!(await this.#watched.ping())) return this.#watched.silent(unansweredFor(replyTimeout, socket))
    if (performance.now() - this.#lastProgress > stallLimit)
      this.#watched.stalled(unansweredFor(Math.max(stallLimit, replyTimeout), socket))
  }
}
