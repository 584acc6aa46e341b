import { Histogram } from './histogram.ts'

/** How much there is to publish, the warm-up included. */
export type BenchLength = { readonly seconds: number } | { readonly events: number }

export interface BenchCounts {
  published: number
  confirmed: number
  /** Unroutable. */
  returned: number
  /** Refused by a nack. */
  rejected: number
}

/**
 * This share comes first and is left out of rate and latency, as V8 compiles and the window fills; not more than so many
 * milliseconds, so that a long load that is interrupted has its numbers.
 */
const warmUp = { share: 0.1, most: 1000 }

/** What is counted and measured of a load. */
export class Tally {
  readonly counts: BenchCounts = { published: 0, confirmed: 0, returned: 0, rejected: 0 }
  /** Milliseconds from an event's publishing to its confirm. */
  readonly latency = new Histogram()
  readonly #length: BenchLength
  #start = 0
  #warmUp = 0
  #warm = 0
  #last = 0

  constructor(length: BenchLength) {
    this.#length = length
  }

  /** @param now milliseconds of a monotonic clock, here and below */
  start(now: number): void {
    this.#start = now
    this.#warm = now
    this.#last = now
  }

  /** So many of the confirmed are left out. */
  get warmUp(): number {
    return this.#warmUp
  }

  /** From the last confirm that is left out to the last of all: as many intervals as there are events measured. */
  get seconds(): number {
    return (this.#last - this.#warm) / 1000
  }

  confirmed(publishedAt: number, now: number): void {
    this.counts.confirmed++
    this.#last = now
    if (this.#isWarmUp(now)) {
      this.#warmUp++
      this.#warm = now
    } else this.latency.record(now - publishedAt)
  }

  #isWarmUp(now: number): boolean {
    const length = this.#length
    const past = now - this.#start
    if (past >= warmUp.most) return false
    return 'seconds' in length
      ? past < length.seconds * 1000 * warmUp.share
      : this.counts.confirmed <= length.events * warmUp.share
  }
}
