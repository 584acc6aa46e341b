import type { SourceLabels } from './source-labels.ts'

/** Columns that are remembered; messages with a hidden routing key may bear any. */
const mostColumns = 10_000

/** What is shown of a message's source: nothing as long as there is one source, else its label in a column. */
export class SourceColumns {
  readonly #labels: SourceLabels
  /** Printed. */
  readonly #sources: Set<string>
  /** The column of each source that sent something, as wide as the sources of now need it. */
  readonly #columns = new Map<string, string>()
  /** Of the labels; undefined where the sources have changed. */
  #width: number | undefined

  /** @param sources printed sockets */
  constructor(labels: SourceLabels, sources: readonly string[]) {
    this.#labels = labels
    this.#sources = new Set(sources)
  }

  /** Adds sources, for which the columns may have to be wider. */
  add(sources: readonly string[]): void {
    for (const socket of sources) this.#sources.add(socket)
    this.#columns.clear()
    this.#width = undefined
  }

  /** Looked up for each piece of messages, and made only where the sources have changed. */
  of(socket: string): string | undefined {
    if (this.#sources.size < 2) return undefined
    this.#width ??= this.#labels.width(this.#sources)
    let column = this.#columns.get(socket)
    if (column === undefined) {
      if (this.#columns.size >= mostColumns) this.#columns.clear()
      column = this.#labels.column(socket, this.#width)
      this.#columns.set(socket, column)
    }
    return column
  }
}
