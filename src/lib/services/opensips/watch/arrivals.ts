import { readNotification } from '#lib/domain/event/notification.ts'

/** What came to one subscriber's place: the event byte for byte, or one of the same name that differs. */
export interface Arrival {
  /** When, by `performance.now()`. */
  readonly at: number
  /** The body where it differs. */
  readonly differs: string | undefined
}

/** The events of one name that came to one place, in order. */
export class Arrivals {
  readonly #event: string
  readonly #payload: Buffer
  readonly #seen: Arrival[] = []
  #onSame: (() => void) | undefined

  constructor(event: string, payload: Buffer) {
    this.#event = event
    this.#payload = payload
  }

  add(body: Buffer, at: number): void {
    if (body.equals(this.#payload)) {
      this.#seen.push({ at, differs: undefined })
      this.#onSame?.()
      return
    }
    const text = body.toString()
    if (readNotification(text)?.event === this.#event) this.#seen.push({ at, differs: text })
  }

  /** All of that name. */
  get count(): number {
    return this.#seen.length
  }

  /** Those that are the same byte for byte. */
  get same(): readonly Arrival[] {
    return this.#seen.filter(({ differs }) => differs === undefined)
  }

  /** The last one that differs, such as one that OpenSIPS raised by itself. */
  get different(): Arrival | undefined {
    return this.#seen.findLast(({ differs }) => differs !== undefined)
  }

  /** Resolves as soon as more than `count` came that are the same. */
  async more(count: number): Promise<void> {
    if (this.same.length > count) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onSame = resolve
    await promise
  }
}
