import { EviError } from '#lib/errors.ts'

/** How many reply time-outs all requests of a command may take together. */
const repliesInAll = 2
/** Bytes; a hundred thousand exchanges take half of it. */
const bytesInAll = 64 * 1024 * 1024

/** The time and memory that all requests of one command to management APIs share. */
export class ManagementBudget {
  readonly milliseconds: number
  #bytes = bytesInAll
  /** Milliseconds. */
  #left: number
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  #waitingSince = 0
  readonly #usedUp = new AbortController()

  /** @param replyTimeout milliseconds for one reply */
  constructor(replyTimeout: number) {
    this.milliseconds = repliesInAll * replyTimeout
    this.#left = this.milliseconds
  }

  get isUsedUp(): boolean {
    return this.#usedUp.signal.aborted
  }

  /**
   * Counts the time in which the request waits; once for several at the same time, as they wait side by side.
   *
   * @param request is given the signal that is aborted when the time is used up
   */
  async spend<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#begin()
    try {
      return await request(this.#usedUp.signal)
    } finally {
      if (--this.#waiting === 0) this.#end()
    }
  }

  #begin(): void {
    this.#waitingSince = performance.now()
    this.#timer = setTimeout(() => this.#usedUp.abort(), this.#left)
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#left -= performance.now() - this.#waitingSince
  }

  /** Takes the bytes of an answer. @throws EviError `unreachable` when there are no more */
  take(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes >= 0) return
    throw new EviError(
      'unreachable',
      `The management API answers more than the ${bytesInAll / 1024 / 1024} MB that evi reads of it.`,
      { hint: 'Check the URL; in a vhost of that many queues, check one event at a time: evi check EVENT' },
    )
  }
}
