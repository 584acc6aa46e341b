import { decodeUtf8 } from '#lib/text/decode-utf8.ts'

/** Where a character of a configuration stands. */
export interface Place {
  /** As OpenSIPS opened it. */
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** What is wrong with a configuration, and at which of its characters. */
export class ConfigFault extends Error {
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.name = 'ConfigFault'
    this.at = at
  }
}

/** Whole lines of a file, one after the other, the last perhaps without its end. */
export interface Chunk extends Place {
  readonly text: string
}

/**
 * A configuration as OpenSIPS parses it: all includes in their place, one character for each byte. It knows where each
 * line comes from.
 */
export class Source {
  readonly text: string
  /** Where each line of the text begins. */
  readonly #starts: number[] = []
  /** The number of the line with which each chunk begins, and where that comes from. */
  readonly #chunks: (Place & { readonly index: number })[] = []

  constructor(chunks: readonly Chunk[]) {
    this.text = chunks.map(({ text }) => text).join('')
    let at = 0
    for (const { text, file, line } of chunks) {
      this.#chunks.push({ index: this.#starts.length, file, line })
      for (let start = 0; start < text.length; ) {
        this.#starts.push(at + start)
        const end = text.indexOf('\n', start)
        start = end < 0 ? text.length : end + 1
      }
      at += text.length
    }
  }

  /** The lines with their ends, and where each comes from. */
  *lines(): Generator<{ readonly text: string; readonly place: Place }> {
    for (const [index, start] of this.#starts.entries())
      yield { text: this.text.slice(start, this.#starts[index + 1]), place: this.#placeOfLine(index) }
  }

  placeOf(at: number): Place {
    return this.#placeOfLine(this.#lineOf(at))
  }

  #placeOfLine(index: number): Place {
    const chunk = this.#chunks[lastUpTo(this.#chunks, index, (one) => one.index)]
    return chunk ? { file: chunk.file, line: chunk.line + index - chunk.index } : { file: '', line: 1 }
  }

  /** The line around a character, without its end, and how many characters of it stand before. */
  lineAround(at: number): { readonly line: string; readonly column: number } {
    const index = this.#lineOf(at)
    const start = this.#starts[index] ?? 0
    const line = this.text.slice(start, this.#starts[index + 1]).replace(/\r?\n$/, '')
    return { line, column: Math.min(at - start, line.length) }
  }

  /** The number of the last line that begins at or before the character. */
  #lineOf(at: number): number {
    return lastUpTo(this.#starts, at, (start) => start)
  }
}

/** The index of the last of the entries, which are in order, that is not above the limit; 0 where all are. */
function lastUpTo<T>(entries: readonly T[], limit: number, numberOf: (entry: T) => number): number {
  let low = 0
  let high = entries.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numberOf(entries[middle] as T) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** The bytes of a text as one character each, as `Source` has them. */
export function bytesAsText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1')
}

/** The text that the bytes are in UTF-8; undefined where they are not UTF-8. */
export function unicodeOf(bytes: string): string | undefined {
  // Most of them.
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes
  return decodeUtf8(Buffer.from(bytes, 'latin1'))
}
