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

/**
 * A configuration as OpenSIPS parses it: all includes in their place, one character for each byte. It knows where each
 * line comes from.
 */
export class Source {
  readonly text: string
  /** Where each line of the text begins. */
  readonly #starts: readonly number[]
  readonly #places: readonly Place[]

  /** @param lines each with its line end, but perhaps the last */
  constructor(lines: readonly string[], places: readonly Place[]) {
    this.text = lines.join('')
    this.#places = places
    let start = 0
    this.#starts = lines.map((line) => {
      start += line.length
      return start - line.length
    })
  }

  /** The lines with their ends, and where each comes from. */
  *lines(): Generator<{ readonly text: string; readonly place: Place }> {
    for (const [index, place] of this.#places.entries())
      yield { text: this.text.slice(this.#starts[index], this.#starts[index + 1]), place }
  }

  placeOf(at: number): Place {
    return this.#places[this.#indexOf(at)] ?? { file: '', line: 1 }
  }

  /** The line around a character, without its end, and how many characters of it stand before. */
  lineAround(at: number): { readonly line: string; readonly column: number } {
    const index = this.#indexOf(at)
    const start = this.#starts[index] ?? 0
    const line = this.text.slice(start, this.#starts[index + 1]).replace(/\r?\n$/, '')
    return { line, column: Math.min(at - start, line.length) }
  }

  /** The last line that begins at or before the character. */
  #indexOf(at: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    return low
  }
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
