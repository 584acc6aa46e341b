import { ConfigFault } from './source.ts'

type TokenKind = 'word' | 'number' | 'string' | 'variable' | 'sign' | 'end'

/** A token of a configuration. */
export interface Token {
  readonly kind: TokenKind
  /** A string without its quotes and escapes; everything else as it stands there. */
  readonly value: string
  /** Where it begins. */
  readonly at: number
}

const number = /0x[0-9a-fA-F]+|\d+/y
const sign = /&&|\|\||[=!]~|[=!<>:+\-*/%&|^~]=|<<|>>|[!-/:-~]/y
const stringEdge = /["\\]/g
const commentEdge = /\/\*|\*\//g
/** To the end of a variable outside of parentheses. */
const variableEnd = /[()\s;,=:+\-*/%&|^~<>!]/g

/** Splits a configuration into tokens, in time that grows with its length only. */
export class Lexer {
  readonly #text: string
  /** The line after a character, by its number. */
  readonly #lineAfter: (at: number) => number
  #at = 0
  /** Where a comment begins that has no end: OpenSIPS reads nothing behind it. */
  openComment: number | undefined

  constructor(text: string, lineAfter: (at: number) => number) {
    this.#text = text
    this.#lineAfter = lineAfter
  }

  /** The next token. @throws ConfigFault for a string or variable without an end, and for `//` */
  next(): Token {
    this.#skip()
    const at = this.#at
    const first = this.#text[at]
    if (first === undefined) return { kind: 'end', value: '', at }
    if (first === '"') return this.#quoted(at)
    if (first === "'") return this.#raw(at)
    if (first === '$') return this.#variable(at)
    const code = first.charCodeAt(0)
    if (isLetter(code)) return { kind: 'word', value: this.#word(), at }
    if (isDigit(code)) return { kind: 'number', value: this.takeFrom(at, number) ?? first, at }
    if ('(){};,[]'.includes(first)) {
      this.#at++
      return { kind: 'sign', value: first, at }
    }
    const value = this.takeFrom(at, sign) ?? first
    if (value === '/' && this.#text[this.#at] === '/')
      throw new ConfigFault(at, 'a comment begins with "#", or stands between "/*" and "*/"')
    return { kind: 'sign', value, at }
  }

  #word(): string {
    const start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(++this.#at)
      if (!isLetter(code) && !isDigit(code) && code !== underscore) return this.#text.slice(start, this.#at)
    }
  }

  /** The text from there that fits the pattern, which is sticky; what is read next is behind it. */
  takeFrom(at: number, pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at = at + found.length
    return found
  }

  /** Leaves out blanks and comments. */
  #skip(): void {
    for (;;) {
      while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++
      if (this.#text[this.#at] === '#') this.#at = indexAfter(this.#text, '\n', this.#at)
      else if (!this.#skipComment()) return
    }
  }

  /** Comments stand within each other; strings mean nothing in them. */
  #skipComment(): boolean {
    const start = this.#at
    if (!this.#text.startsWith('/*', start)) return false
    commentEdge.lastIndex = start
    for (let open = 0; ; ) {
      const edge = commentEdge.exec(this.#text)
      if (!edge) {
        this.openComment = start
        this.#at = this.#text.length
        return false
      }
      open += edge[0] === '/*' ? 1 : -1
      if (open > 0) continue
      this.#at = commentEdge.lastIndex
      return true
    }
  }

  #raw(at: number): Token {
    const end = this.#text.indexOf("'", at + 1)
    if (end < 0) throw new ConfigFault(at, `this string has no end: "'" is missing`)
    return this.#string(this.#text.slice(at + 1, end), at, end + 1)
  }

  #quoted(at: number): Token {
    let escaped = false
    stringEdge.lastIndex = at + 1
    for (;;) {
      const edge = stringEdge.exec(this.#text)
      if (!edge) throw new ConfigFault(at, `this string has no end: '"' is missing`)
      if (edge[0] === '"') {
        const text = this.#text.slice(at + 1, edge.index)
        return this.#string(escaped ? this.#unescape(text, at + 1) : text, at, edge.index + 1)
      }
      escaped = true
      stringEdge.lastIndex++
    }
  }

  /** OpenSIPS's strings end at a NUL, which an escape can make. */
  #string(value: string, at: number, end: number): Token {
    this.#at = end
    const nul = value.indexOf('\0')
    return { kind: 'string', value: nul < 0 ? value : value.slice(0, nul), at }
  }

  #unescape(text: string, at: number): string {
    return text.replace(
      /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{2,3})|(\n)|([\s\S]))/g,
      (
        all,
        hex: string | undefined,
        octal: string | undefined,
        lineEnd,
        character: string,
        index: number,
      ) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
        // OpenSIPS's own mark of the line stays in the string.
        if (lineEnd) return `__OSSPP_LINE__ ${this.#lineAfter(at + index)}\n`
        return escapes[character] ?? all
      },
    )
  }

  #variable(at: number): Token {
    let open = 0
    variableEnd.lastIndex = at + 1
    for (;;) {
      const found = variableEnd.exec(this.#text)
      if (!found) throw new ConfigFault(at, 'this variable has no end')
      if (found[0] === '(') open++
      else if (open === 0) return this.#variableTo(at, found.index)
      else if (found[0] === ')' && --open === 0) return this.#variableTo(at, found.index + 1)
    }
  }

  #variableTo(at: number, end: number): Token {
    if (end === at + 1) throw new ConfigFault(at, 'there is no name behind this "$"')
    this.#at = end
    return { kind: 'variable', value: this.#text.slice(at, end), at }
  }
}

function indexAfter(text: string, character: string, from: number): number {
  const index = text.indexOf(character, from)
  return index < 0 ? text.length : index + 1
}

const underscore = 0x5f

function isLetter(code: number): boolean {
  // A capital and its small letter differ in one bit.
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** What means nothing to OpenSIPS outside of strings is as a blank: a letter with an accent, `?`, `@`, a backslash, a backquote. */
function isBlank(code: number): boolean {
  return code <= 0x20 || code >= 0x7f || meaningless.has(code)
}

const meaningless: ReadonlySet<number> = new Set([...'?@\\_`'].map((character) => character.charCodeAt(0)))

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  a: '\x07',
  t: '\t',
  '"': '"',
  '\\': '\\',
}
