import type { Numbers } from './events.ts'

/** Counts numbered events, in a bit for each, however many there are. */
export class Tally {
  /** Numbers that came. */
  count = 0
  /** Arrivals beyond the first of each number. */
  repeated = 0
  /** Arrivals of what was never sent. */
  strange = 0
  readonly #size: number
  readonly #bits: Uint8Array

  /** @param size numbers from 0 on */
  constructor(size: number) {
    this.#size = size
    this.#bits = new Uint8Array(Math.ceil(size / 8))
  }

  add(number: number): void {
    if (!(number >= 0 && number < this.#size)) this.strange++
    else if (this.has(number)) this.repeated++
    else {
      this.#bits[number >> 3] = (this.#bits[number >> 3] as number) | (1 << (number & 7))
      this.count++
    }
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  /** How many numbers from `from` to `to`, without `to`, are in none of the tallies. */
  static missing({ from, to }: Numbers, ...tallies: readonly Tally[]): number {
    let missing = 0
    for (let number = from; number < to; number++) {
      if (!tallies.some((tally) => tally.has(number))) missing++
    }
    return missing
  }
}
