import { columnsOf } from '#lib/text/layout/columns.ts'

interface Entry {
  readonly step: number
  readonly text: string
}

/** A terminal as far as it is written to. */
interface Screen {
  readonly columns?: number
  write(text: string): unknown
}

/** What a wizard has written at each of its steps, so that what was taken back can be removed from the screen. */
export class Transcript {
  readonly #screen: Screen
  #entries: readonly Entry[] = []
  #step = 0

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Writes lines below the step. @param text ends with a newline */
  write(text: string): void {
    this.#entries = [...this.#entries, { step: this.#step, text }]
    this.#screen.write(text)
  }

  /** A step begins. What this one and later ones have written before is taken back; the cursor stands below it. */
  begin(step: number): void {
    this.#step = step
    const rows = this.#entries.filter((entry) => entry.step >= step).map(({ text }) => this.#rowsOf(text))
    this.#entries = this.#entries.filter((entry) => entry.step < step)
    const height = rows.reduce((sum, each) => sum + each, 0)
    if (height > 0) this.#screen.write(`\x1b[${height}A\x1b[J`)
  }

  #rowsOf(text: string): number {
    const { columns = 80 } = this.#screen
    const lines = text.split('\n').slice(0, -1)
    return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)
  }
}
