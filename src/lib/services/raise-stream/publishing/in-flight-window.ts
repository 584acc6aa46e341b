import type { Message } from '#lib/broker/broker.ts'

/** Bytes in flight at most, however large the window of a stream is; only a single message may be larger. */
const mostBytes = 16 * 1024 * 1024

/** Counts the messages that a publisher has taken over and not settled, within a window. */
export class InFlightWindow {
  readonly #limit: number
  readonly #byteLimit: number
  #messages = 0
  /** Messages that the publisher holds back: only their bytes count, so that those behind them do not wait for them. */
  #held = 0
  #bytes = 0
  #room: PromiseWithResolvers<void> | undefined

  /** @param limit the most messages */
  constructor(limit: number, byteLimit: number = mostBytes) {
    this.#limit = limit
    this.#byteLimit = byteLimit
  }

  get isFull(): boolean {
    return this.#messages >= this.#limit || this.#bytes >= this.#byteLimit
  }

  get isEmpty(): boolean {
    return this.#messages + this.#held === 0
  }

  add({ body }: Message): void {
    this.#messages++
    this.#bytes += body.length
  }

  remove({ body }: Message): void {
    this.#messages--
    this.#bytes -= body.length
    this.#openIfHalfFree()
  }

  /** The publisher holds back so many messages more, or fewer. */
  hold(change: number): void {
    this.#held += change
    this.#messages -= change
    this.#openIfHalfFree()
  }

  /** Nothing is in flight any more. */
  clear(): void {
    this.#messages = 0
    this.#held = 0
    this.#bytes = 0
    this.#open()
  }

  /** Resolves when half of the window is free, so that as many messages go with one write. */
  async room(): Promise<void> {
    this.#room ??= Promise.withResolvers()
    await this.#room.promise
  }

  #openIfHalfFree(): void {
    if (this.#messages > this.#limit / 2 || this.#bytes > this.#byteLimit / 2) return
    this.#open()
  }

  #open(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
