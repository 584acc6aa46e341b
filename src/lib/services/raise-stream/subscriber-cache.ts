import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

export interface Subscribers {
  /** An event's subscribers, as the same array for the same event. */
  readonly of: (event: string) => readonly Socket[]
  /** Those of all events. */
  readonly all: readonly Socket[]
}

/** An answer holds for this many milliseconds at least, and for this many times the time that it took to find. */
const shortest = 1000
const timesTheCost = 20

/** The subscribers of each event; a stream may run for weeks, in which subscriptions come and go. */
export class SubscriberCache {
  readonly #load: () => Subscribers
  #known: Subscribers
  #holdsUntil = 0

  /** @param load reads the subscriptions */
  constructor(load: () => Subscribers) {
    this.#load = load
    this.#known = this.#timed()
  }

  /** The event's subscribers. Where the store is small, what it had a second ago at most; where it is large, longer ago. */
  socketsOf(event: string): readonly Socket[] {
    if (performance.now() > this.#holdsUntil) this.#renew()
    return this.#known.of(event)
  }

  /** Those of all events, as known when an event's were asked for last; the same array for the same ones. */
  get all(): readonly Socket[] {
    return this.#known.all
  }

  #renew(): void {
    try {
      this.#known = this.#timed()
    } catch (error) {
      // A store that was damaged while the stream runs must not end the stream.
      if (!(error instanceof EviError)) throw error
    }
  }

  #timed(): Subscribers {
    const start = performance.now()
    try {
      return this.#load()
    } finally {
      const end = performance.now()
      this.#holdsUntil = end + Math.max(shortest, timesTheCost * (end - start))
    }
  }
}
