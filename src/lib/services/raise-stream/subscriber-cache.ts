import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** Tells an event's subscribers, with the same array for the same event. */
export type SocketsOf = (event: string) => readonly Socket[]

/** Milliseconds for which an answer holds at least, and how many times the time that it took to find. */
const shortest = 1000
const timesTheCost = 20

/** Who gets which event; a stream may run for weeks, in which subscriptions come and go. */
export class Directory {
  readonly #load: () => SocketsOf
  #known: SocketsOf
  #holdsUntil = 0

  /** @param load reads who is subscribed now */
  constructor(load: () => SocketsOf) {
    this.#load = load
    this.#known = this.#timed()
  }

  /** The event's subscribers, as of a second ago at most where the store is small. */
  socketsOf(event: string): readonly Socket[] {
    if (performance.now() > this.#holdsUntil) this.#renew()
    return this.#known(event)
  }

  #renew(): void {
    try {
      this.#known = this.#timed()
    } catch (error) {
      // A store that is damaged meanwhile is no reason to lose the stream.
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
