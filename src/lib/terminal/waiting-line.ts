import type { StatusLine } from './status-line.ts'

/** Milliseconds after which a person begins to wonder. */
const wonder = 1000

/** Says on a terminal what a command waits for, once that takes long; nothing of it stays there. */
export class WaitingLine {
  readonly #isWanted: boolean
  #timer: NodeJS.Timeout | undefined
  #line: StatusLine | undefined
  #text: (() => string) | undefined
  #shown = ''

  /** @param flags those that ask for silence */
  constructor({ json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean }) {
    this.#isWanted = process.stderr.isTTY && !json && !quiet
  }

  /** From here on it is this that is waited for. */
  start(text: () => string): void {
    this.stop()
    if (!this.#isWanted) return
    this.#text = text
    this.#timer = setInterval(() => void this.#show(), wonder).unref()
  }

  /** To be called before anything else is written. */
  stop(): void {
    clearInterval(this.#timer)
    this.#text = undefined
    this.#shown = ''
    this.#line?.clear()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  async #show(): Promise<void> {
    const { statusLine } = await import('./status-line.ts')
    const { marksFor } = await import('./marks.ts')
    // The answer may have come since.
    if (this.#text === undefined) return
    const text = `${this.#text()} ${marksFor(process.env).more}`
    if (text === this.#shown) return
    this.#shown = text
    this.#line ??= statusLine(process.stderr, 0)
    this.#line.show(text)
  }
}
