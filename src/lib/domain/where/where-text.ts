import { EviError } from '#lib/errors.ts'
import { pointAt } from '#lib/text/layout/point-at.ts'

/** A piece of an expression; `quoted` for a text in quotes, which is never a number, a network or a keyword. */
export interface Piece {
  readonly text: string
  readonly quoted: boolean
  readonly at: number
}

/** The text of a `--where` expression, read from its start to its end. */
export class WhereText {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Where the next piece starts. */
  get at(): number {
    this.#match(/\s*/y)
    return this.#at
  }

  get atEnd(): boolean {
    return this.at === this.#text.length
  }

  /** A name, up to a blank, an operator or a sign; undefined where there is none. */
  name(): Piece | undefined {
    return this.#piece(/[^\s"'(),=!<>~]+/y)
  }

  /** A value, up to a blank, a parenthesis or a comma; undefined where there is none. */
  value(): Piece | undefined {
    return this.#piece(/[^\s"'(),]+/y)
  }

  /** Whether the sign comes next, which is read then. */
  takes(sign: '(' | ')' | ','): boolean {
    if (this.#text[this.at] !== sign) return false
    this.#at++
    return true
  }

  /** Whether the keyword comes next, in any case, which is read then. */
  takesWord(keyword: 'and' | 'or' | 'not' | 'in'): boolean {
    const start = this.at
    if (this.#match(/[a-z]+(?=[\s"'()]|$)/iy)?.toLowerCase() === keyword) return true
    this.#at = start
    return false
  }

  /** A run of the signs that operators are made of. */
  operator(): Piece {
    const { at } = this
    return { text: this.#match(/[=!<>~]+/y) ?? '', quoted: false, at }
  }

  /** The error of what is not as it is expected, with a caret under the place. */
  refuse(expected: string, at = this.at): EviError {
    return new EviError('usage', `--where cannot be read: ${expected}.\n${pointAt(this.#text, at)}`, {
      hint: 'Write NAME = VALUE, NAME ~ REGEX or NAME in 10.0.0.0/8, joined by and, or, not and parentheses.',
    })
  }

  #piece(bare: RegExp): Piece | undefined {
    const { at } = this
    const quote = this.#text[at]
    if (quote === '"' || quote === "'") return { text: this.#quoted(quote), quoted: true, at }
    const text = this.#match(bare)
    return text === undefined ? undefined : { text, quoted: false, at }
  }

  /** A backslash stands for itself but before a backslash or the quote, so that `"\d"` is what a regex needs. */
  #quoted(quote: '"' | "'"): string {
    const start = this.#at
    const text = this.#match(quote === '"' ? /"(?:\\.|[^"\\])*"/sy : /'(?:\\.|[^'\\])*'/sy)
    if (text === undefined) throw this.refuse(`the closing ${quote} is missing`, start)
    return text.slice(1, -1).replace(quote === '"' ? /\\(["\\])/g : /\\(['\\])/g, '$1')
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#text)?.[0]
    this.#at += text?.length ?? 0
    return text
  }
}
