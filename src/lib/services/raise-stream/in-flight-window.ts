import type { Message } from '#lib/broker/broker.ts'

/** The most bytes, whatever the window; one message is let through always. */
const byteLimit = 16 * 1024 * 1024

/** What a delivery has taken over and not brought to its end, within a window. */
export class Load {
  readonly #window: number
  readonly #enough: number
  #messages = 0
  #bytes = 0
  #less: PromiseWithResolvers<void> | undefined

  /**
   * @param window the most messages
   * @param enough with so many left it is notably less
   */
  constructor(window: number, enough: number) {
    this.#window = window
    this.#enough = enough
  }

  get full(): boolean {
    return this.#messages >= this.#window || this.#bytes >= byteLimit
  }

  get empty(): boolean {
    return this.#messages === 0
  }

  add({ body }: Message): void {
    this.#messages++
    this.#bytes += body.length
  }

  remove({ body }: Message): void {
    this.#messages--
    this.#bytes -= body.length
    if (this.#messages > this.#enough || this.#bytes > byteLimit / 2) return
    this.#less?.resolve()
    this.#less = undefined
  }

  /** Resolves when it has become notably less. */
  async less(): Promise<void> {
    this.#less ??= Promise.withResolvers()
    await this.#less.promise
  }
}
