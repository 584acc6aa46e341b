import type { Message } from '#lib/broker/broker.ts'

/** Tells what became of a message: it came back, or it went its way. */
export type Settle<M> = (message: M, returned: boolean) => void

/** Messages; more where more are on their way. */
const firstCapacity = 1024

/** The messages of a channel whose fate is not known yet, by the delivery tags that the broker counts them with. */
export class Unsettled<M extends Message> {
  /**
   * By their delivery tags, in a ring; undefined where one is settled. An array that is moved on leaves its old elements
   * behind, and V8 takes what they refer to for alive until the next full collection.
   */
  #ring: (M | undefined)[] = new Array(firstCapacity)
  /** The delivery tag of the first that is not settled. */
  #firstTag = 1
  #lastTag = 0
  #size = 0
  /** The delivery tags of those that came back. */
  readonly #returned = new Set<number>()
  /** Returns come in the order of publishing, so none before this one comes any more. */
  #nextReturn = 1

  get size(): number {
    return this.#size
  }

  /** The delivery tag of the message that was published last. */
  get lastTag(): number {
    return this.#lastTag
  }

  add(message: M): void {
    if (this.#lastTag + 1 - this.#firstTag === this.#ring.length) this.#grow()
    this.#lastTag++
    this.#ring[this.#lastTag % this.#ring.length] = message
    this.#size++
  }

  /** A message came back; it is known by its content only, as nothing is added to the wire. */
  returned(content: Buffer): void {
    for (let tag = Math.max(this.#nextReturn, this.#firstTag); tag <= this.#lastTag; tag++) {
      if (!this.#at(tag)?.body.equals(content)) continue
      this.#returned.add(tag)
      this.#nextReturn = tag + 1
      return
    }
  }

  /**
   * Settles the message of a delivery tag, with `multiple` all those before it too. Returns how many that were: none
   * for a tag that was settled before, or that no message has.
   */
  settle(tag: number, multiple: boolean, settle: Settle<M>): number {
    // A tag is whatever the broker says, and amqplib reads it as a signed number of 64 bits.
    if (tag < this.#firstTag || (!multiple && tag > this.#lastTag)) return 0
    const last = Math.min(tag, this.#lastTag)
    let settled = 0
    for (let at = multiple ? this.#firstTag : last; at <= last; at++) {
      const message = this.#at(at)
      if (!message) continue
      this.#ring[at % this.#ring.length] = undefined
      this.#size--
      settled++
      settle(message, this.#returned.size > 0 && this.#returned.delete(at))
    }
    while (this.#firstTag <= this.#lastTag && !this.#at(this.#firstTag)) this.#firstTag++
    return settled
  }

  /** All that are left, in order. */
  takeAll(): M[] {
    const left: M[] = []
    this.settle(this.#lastTag, true, (message) => left.push(message))
    return left
  }

  #at(tag: number): M | undefined {
    return this.#ring[tag % this.#ring.length]
  }

  #grow(): void {
    const larger = new Array<M | undefined>(this.#ring.length * 2)
    for (let tag = this.#firstTag; tag <= this.#lastTag; tag++) larger[tag % larger.length] = this.#at(tag)
    this.#ring = larger
  }
}
