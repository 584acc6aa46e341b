import type { Message } from '#lib/broker/broker.ts'

/** Where a message goes, as a return names it. */
export interface Route {
  readonly exchange: string
  readonly routingKey: string
}

/** A message that was published and not confirmed. */
export interface Unconfirmed<M, D> {
  readonly tag: number
  readonly message: M
  readonly destination: D
  /** It was published before, too, and may have arrived then. */
  readonly wasDoubtful: boolean
}

/** Receives each message that is settled, and whether the broker returned it. */
export type Settle<M, D> = (message: M, destination: D, returned: boolean) => void

/** Messages; the ring grows with what is in flight. */
const firstCapacity = 1024

const doubtful = 1
const cameBack = 2

/** The unconfirmed messages of a channel, by their delivery tags. */
export class UnconfirmedMessages<M extends Message, D extends Route> {
  /**
   * By their delivery tags, in rings; undefined where one is settled. A shifted array leaves its old elements behind, and
   * V8 takes what they refer to for alive until the next full collection. An object for each message would cost more.
   */
  #messages: (M | undefined)[] = new Array(firstCapacity)
  #destinations: (D | undefined)[] = new Array(firstCapacity)
  #flags = new Uint8Array(firstCapacity)
  /** The delivery tag of the first unconfirmed message. */
  #firstTag = 1
  #lastTag = 0
  #size = 0
  /** Returns come in the order of publishing, so none before this one comes any more. */
  #nextReturn = 1
  #processedTag = 0

  get size(): number {
    return this.#size
  }

  /** The delivery tag of the message that was added last. */
  get lastTag(): number {
    return this.#lastTag
  }

  /** A channel processes in order, so the broker has processed all messages up to this delivery tag. */
  get processedTag(): number {
    return this.#processedTag
  }

  add(message: M, destination: D, isDoubtful = false): void {
    if (this.#lastTag + 1 - this.#firstTag === this.#messages.length) this.#grow()
    const at = ++this.#lastTag % this.#messages.length
    this.#messages[at] = message
    this.#destinations[at] = destination
    this.#flags[at] = isDoubtful ? doubtful : 0
    this.#size++
  }

  /** The broker has processed all messages up to this delivery tag, whether it confirmed them or not. */
  processed(tag: number): void {
    this.#processedTag = Math.max(this.#processedTag, Math.min(tag, this.#lastTag))
  }

  /** The broker returned a message; only its route and content identify it, as evi adds nothing to the wire. */
  returned({ exchange, routingKey }: Route, content: Buffer): void {
    for (let tag = Math.max(this.#nextReturn, this.#firstTag); tag <= this.#lastTag; tag++) {
      const at = tag % this.#messages.length
      const destination = this.#destinations[at]
      if (destination?.routingKey !== routingKey || destination.exchange !== exchange) continue
      if (!this.#messages[at]?.body.equals(content)) continue
      this.#flags[at] = (this.#flags[at] ?? 0) | cameBack
      this.#nextReturn = tag + 1
      this.processed(tag)
      return
    }
  }

  /**
   * Settles the message of a delivery tag, with `multiple` all before it too. Returns the number of settled messages: 0
   * for a tag that was settled before, or that no message has.
   */
  settle(tag: number, multiple: boolean, settle: Settle<M, D>): number {
    // A tag is whatever the broker says, and amqplib reads it as a signed number of 64 bits.
    if (tag < this.#firstTag || (!multiple && tag > this.#lastTag)) return 0
    const last = Math.min(tag, this.#lastTag)
    this.processed(last)
    let settled = 0
    for (let at = multiple ? this.#firstTag : last; at <= last; at++) {
      const slot = at % this.#messages.length
      const message = this.#messages[slot]
      const destination = this.#destinations[slot]
      if (!message || !destination) continue
      const wasReturned = ((this.#flags[slot] ?? 0) & cameBack) !== 0
      this.#clear(slot)
      settled++
      settle(message, destination, wasReturned)
    }
    this.#advance()
    return settled
  }

  /** Removes and returns those up to a delivery tag, in order. */
  takeUntil(tag: number): Unconfirmed<M, D>[] {
    const taken: Unconfirmed<M, D>[] = []
    for (let at = this.#firstTag; at <= Math.min(tag, this.#lastTag); at++) {
      const slot = at % this.#messages.length
      const message = this.#messages[slot]
      const destination = this.#destinations[slot]
      if (!message || !destination) continue
      const wasDoubtful = ((this.#flags[slot] ?? 0) & doubtful) !== 0
      taken.push({ tag: at, message, destination, wasDoubtful })
      this.#clear(slot)
    }
    this.#advance()
    return taken
  }

  /** Removes and returns all, in order. */
  takeAll(): Unconfirmed<M, D>[] {
    return this.takeUntil(this.#lastTag)
  }

  #clear(slot: number): void {
    this.#messages[slot] = undefined
    this.#destinations[slot] = undefined
    this.#size--
  }

  #advance(): void {
    const { length } = this.#messages
    while (this.#firstTag <= this.#lastTag && !this.#messages[this.#firstTag % length]) this.#firstTag++
  }

  #grow(): void {
    const { length } = this.#messages
    const [messages, destinations] = [new Array(length * 2), new Array(length * 2)]
    const flags = new Uint8Array(length * 2)
    for (let tag = this.#firstTag; tag <= this.#lastTag; tag++) {
      const [from, to] = [tag % length, tag % (length * 2)]
      messages[to] = this.#messages[from]
      destinations[to] = this.#destinations[from]
      flags[to] = this.#flags[from] ?? 0
    }
    this.#messages = messages
    this.#destinations = destinations
    this.#flags = flags
  }
}
