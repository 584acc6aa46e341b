/** Random numbers that come again from the same seed (mulberry32), so that a run with its faults can be repeated. */
export class Random {
  #state: number

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** The same for the same seed and name, so that one scenario's numbers do not depend on those before it. */
  static for(seed: number, name: string): Random {
    let hash = seed >>> 0
    for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193)
    return new Random(hash)
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** One of them. */
  oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T
  }

  /** So many places within a whole, in order: one at random in the middle half of each of as many equal parts. */
  spread(places: number, whole: number): number[] {
    const part = whole / places
    return Array.from({ length: places }, (_, index) => Math.floor(part * (index + 0.25 + this.next() / 2)))
  }
}
