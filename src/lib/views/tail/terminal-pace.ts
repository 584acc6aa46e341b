import { count } from '#lib/text/numbers/thousands.ts'

/** Events that may come at once and are all printed: a few screens, which can be read when they have stopped. */
const burst = 200
/** Events a second that are printed beyond. */
const rate = 25
/** Milliseconds between two reports. */
const interval = 1000

export interface PaceOptions {
  /** Events that are printed on top, however fast they come. */
  readonly extra?: number
  /** Begins what is said. */
  readonly more: string
  readonly say: (line: string) => void
}

/** Picks what is printed of a stream that is too fast to read, and says how much is not. */
export class TerminalPace {
  readonly #options: PaceOptions
  #room: number
  #at = performance.now()
  #left = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PaceOptions) {
    this.#options = options
    this.#room = burst + (options.extra ?? 0)
  }

  /** How many of so many events are printed. */
  admit(events: number): number {
    const now = performance.now()
    const earned = ((now - this.#at) / 1000) * rate
    if (this.#room < burst) this.#room = Math.min(burst, this.#room + earned)
    this.#at = now
    const admitted = Math.min(events, Math.floor(this.#room))
    this.#room -= admitted
    this.#leave(events - admitted)
    return admitted
  }

  /** Says what was not said yet. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#left > 0)
      this.#options.say(
        `${this.#options.more} ${count(this.#left)} more, too fast to read: --full or --json prints all`,
      )
    this.#left = 0
  }

  #leave(events: number): void {
    if (events === 0) return
    this.#left += events
    this.#timer ??= setTimeout(() => this.end(), interval)
  }
}
