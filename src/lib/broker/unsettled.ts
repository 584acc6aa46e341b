import type { Message } from './broker.ts'

/** Tells what became of a message: it came back, or it went its way. */
export type Settle<M> = (message: M, returned: boolean) => void

/** The messages of a channel whose fate is not known yet, by the delivery tags that the broker counts them with. */
export class Unsettled<M extends Message> {
  /** Settled ones are undefined, until all before them are settled too. */
  #messages: (M | undefined)[] = []
  #head = 0
  /** The delivery tag of the first in the list. */
  #firstTag = 1
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
    return this.#firstTag + this.#messages.length - 1
  }

  add(message: M): void {
    this.#messages.push(message)
    this.#size++
  }

  /** A message came back; it is known by its content only, as nothing is added to the wire. */
  returned(content: Buffer): void {
    for (let tag = Math.max(this.#nextReturn, this.#firstTag + this.#head); tag <= this.lastTag; tag++) {
      if (!this.#messages[tag - this.#firstTag]?.body.equals(content)) continue
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
    const open = this.#size
    // A tag is whatever the broker says, and amqplib reads it as a signed number of 64 bits.
    if (tag < this.#firstTag || (!multiple && tag > this.lastTag)) return 0
    const last = Math.min(tag, this.lastTag) - this.#firstTag
    for (let index = multiple ? this.#head : last; index <= last; index++) {
      const message = this.#messages[index]
      if (!message) continue
      this.#messages[index] = undefined
      this.#size--
      settle(message, this.#returned.size > 0 && this.#returned.delete(this.#firstTag + index))
    }
    this.#forgetSettled()
    return open - this.#size
  }

  /** All that are left, in order. */
  takeAll(): M[] {
    const left = this.#messages.filter((message) => message !== undefined)
    this.#messages = []
    this.#size = 0
    return left
  }

  #forgetSettled(): void {
    while (this.#head < this.#messages.length && !this.#messages[this.#head]) this.#head++
    // Moving the others is worth it only once in a while.
    if (this.#head < 1024 || this.#head * 2 < this.#messages.length) return
    this.#messages.splice(0, this.#head)
    this.#firstTag += this.#head
    this.#head = 0
  }
}
