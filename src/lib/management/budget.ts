import { EviError } from '#lib/errors.ts'

/** How many reply time-outs all requests of a command may take together. */
const repliesInAll = 2
/** Bytes; a hundred thousand exchanges take half of it. */
const bytesInAll = 64 * 1024 * 1024

/** The time and memory that all requests of one command to management APIs share. */
export class ManagementBudget {
  readonly milliseconds: number
  #bytes = bytesInAll
  #deadline: AbortSignal | undefined

  /** @param replyTimeout milliseconds for one reply */
  constructor(replyTimeout: number) {
    this.milliseconds = repliesInAll * replyTimeout
  }

  /** Aborted when the time is up, which runs from the first request on. */
  get signal(): AbortSignal {
    this.#deadline ??= AbortSignal.timeout(this.milliseconds)
    return this.#deadline
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
