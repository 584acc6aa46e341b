import type { Message } from './broker.ts'

/** Tells what became of a message: it came back, or it went its way. */
export type Settle<M> = (message: M, returned: boolean) => void

/** The messages of a channel whose fate is not known yet, by the delivery tags that the broker counts them with. */
export class Unsettled<M extends Message> {
  /** Settled ones are undefined until all before them are. */
  #entries: (Entry<M> | undefined)[] = []
  #head = 0
  /** The delivery tag of the first entry. */
  #firstTag = 1
  #size = 0
  /** Returns come in the order of publishing, so none before this one comes any more. */
  #nextReturn = 1

  get size(): number {
    return this.#size
  }

  /** The delivery tag of the message that was published last. */
  get lastTag(): number {
    return this.#firstTag + this.#entries.length - 1
  }

  add(message: M): void {
    this.#entries.push({ message, returned: false })
    this.#size++
  }

  /** A message came back; it is known by its content only, as nothing is added to the wire. */
  returned(content: Buffer): void {
    for (let tag = Math.max(this.#nextReturn, this.#firstTag + this.#head); tag <= this.lastTag; tag++) {
      const entry = this.#entries[tag - this.#firstTag]
      if (!entry?.message.body.equals(content)) continue
      entry.returned = true
      this.#nextReturn = tag + 1
      return
    }
  }

  /** Settles the message of a delivery tag, with `multiple` all those before it too. */
  settle(tag: number, multiple: boolean, settle: Settle<M>): void {
    const last = tag - this.#firstTag
    for (let index = multiple ? this.#head : last; index <= last; index++) {
      const entry = this.#entries[index]
      if (!entry) continue
      this.#entries[index] = undefined
      this.#size--
      settle(entry.message, entry.returned)
    }
    this.#forgetSettled()
  }

  /** All that are left, in order. */
  takeAll(): M[] {
    const left = this.#entries.flatMap((entry) => (entry ? [entry.message] : []))
    this.#entries = []
    this.#size = 0
    return left
  }

  #forgetSettled(): void {
    while (this.#head < this.#entries.length && !this.#entries[this.#head]) this.#head++
    // Moving the others is worth it only once in a while.
    if (this.#head < 1024 || this.#head * 2 < this.#entries.length) return
    this.#entries.splice(0, this.#head)
    this.#firstTag += this.#head
    this.#head = 0
  }
}

interface Entry<M> {
  readonly message: M
  returned: boolean
}
