import type { Failure } from './openings.ts'
import type { TailListener, UnwatchedSocket } from './tail-request.ts'

/** Says why sockets are not watched, each reason once: an outage of hours is no reason for a line every ten seconds. */
export class OutageReports {
  readonly #listener: TailListener
  /** Messages of what was said since all was well. */
  readonly #said = new Set<string>()

  constructor(listener: TailListener) {
    this.#listener = listener
  }

  /** All is well again, or something new has happened: each reason is said again. */
  reset(): void {
    this.#said.clear()
  }

  /** These are said, here or elsewhere. */
  remember(failures: readonly Failure[]): void {
    for (const { error } of failures) this.#said.add(error.message)
  }

  /**
   * Says what was not said yet.
   *
   * @param retryInMs milliseconds until the next attempt
   * @param sockets that share the connection: what keeps all of them from being watched again is the connection's loss
   */
  report(failures: readonly Failure[], retryInMs: number, sockets: number): void {
    const fresh = failures.filter(({ error }) => !this.#said.has(error.message))
    const [first] = fresh
    if (!first) return
    this.remember(fresh)
    const together = failures.length === sockets && first.socket.wasWatched
    if (together && failures.every(({ error }) => error === first.error))
      this.#listener.lost(first.error, retryInMs, [])
    else this.#listener.unwatched(fresh.map((failure) => describe(failure, retryInMs)))
  }
}

/** One failure in the wording of the report. */
export function describe({ socket, error }: Failure, retryInMs?: number): UnwatchedSocket {
  return { socket: socket.printed, events: socket.events, error, retryInMs }
}
