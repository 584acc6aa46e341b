import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** An event's subscribers, as the same array for the same event. */
export type SocketsOf = (event: string) => readonly Socket[]

/** An answer holds for this many milliseconds at least, and for this many times the time that it took to find. */
const shortest = 1000
const timesTheCost = 20

/** The subscribers of each event; a stream may run for weeks, in which subscriptions come and go. */
export class SubscriberCache {
  readonly #load: () => SocketsOf
  #known: SocketsOf
  #holdsUntil = 0

  /** @param load reads the subscriptions */
  constructor(load: () => SocketsOf) {
    this.#load = load
    this.#known = this.#timed()
  }

  /** The event's subscribers. Where the store is small, what it had a second ago at most; where it is large, longer ago. */
  socketsOf(event: string): readonly Socket[] {
    if (performance.now() > this.#holdsUntil) this.#renew()
    return this.#known(event)
  }

  #renew(): void {
    try {
      this.#known = this.#timed()
    } catch (error) {
      // A store that was damaged while the stream runs must not end the stream.
      if (!(error instanceof EviError)) throw error
    }
  }

  #timed(): SocketsOf {
    const start = performance.now()
    try {
      return this.#load()
    } finally {
      const end = performance.now()
      this.#holdsUntil = end + Math.max(shortest, timesTheCost * (end - start))
    }
  }
}
