import type { Message } from '#lib/broker/broker.ts'

/** Receives each message that is settled, and whether the broker returned it. */
export type Settle<M> = (message: M, returned: boolean) => void

/** Messages; the ring grows with what is in flight. */
const firstCapacity = 1024

/** The unconfirmed messages of a channel, by their delivery tags. */
export class UnconfirmedMessages<M extends Message> {
  /**
   * By their delivery tags, in a ring; undefined where one is settled. A shifted array leaves its old elements behind, and
   * V8 takes what they refer to for alive until the next full collection.
   */
  #ring: (M | undefined)[] = new Array(firstCapacity)
  /** The delivery tag of the first unconfirmed message. */
  #firstTag = 1
  #lastTag = 0
  #size = 0
  /** The delivery tags of returned messages. */
  readonly #returned = new Set<number>()
  /** Returns come in the order of publishing, so none before this one comes any more. */
  #nextReturn = 1

  get size(): number {
    return this.#size
  }

  add(message: M): void {
    if (this.#lastTag + 1 - this.#firstTag === this.#ring.length) this.#grow()
    this.#lastTag++
    this.#ring[this.#lastTag % this.#ring.length] = message
    this.#size++
  }

  /** The broker returned a message; only its content identifies it, as evi adds nothing to the wire. */
  returned(content: Buffer): void {
    for (let tag = Math.max(this.#nextReturn, this.#firstTag); tag <= this.#lastTag; tag++) {
      if (!this.#at(tag)?.body.equals(content)) continue
      this.#returned.add(tag)
      this.#nextReturn = tag + 1
      return
    }
  }

  /**
   * Settles the message of a delivery tag, with `multiple` all before it too. Returns the number of settled messages: 0
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

  /** Removes and returns all, in order. */
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
