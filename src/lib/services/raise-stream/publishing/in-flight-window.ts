import type { Message } from '#lib/broker/broker.ts'

/** Bytes in flight at most, however large the window is; only a single message may be larger. */
const byteLimit = 16 * 1024 * 1024

/** Counts the messages that a publisher has taken over and not settled, within a window. */
export class InFlightWindow {
  readonly #limit: number
  #messages = 0
  #bytes = 0
  #room: PromiseWithResolvers<void> | undefined

  /** @param limit the most messages */
  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#messages >= this.#limit || this.#bytes >= byteLimit
  }

  get isEmpty(): boolean {
    return this.#messages === 0
  }

  add({ body }: Message): void {
    this.#messages++
    this.#bytes += body.length
  }

  remove({ body }: Message): void {
    this.#messages--
    this.#bytes -= body.length
    if (this.#messages > this.#limit / 2 || this.#bytes > byteLimit / 2) return
    this.#room?.resolve()
    this.#room = undefined
  }

  /** Resolves when half of the window is free, so that as many messages go with one write. */
  async room(): Promise<void> {
    this.#room ??= Promise.withResolvers()
    await this.#room.promise
  }
}
