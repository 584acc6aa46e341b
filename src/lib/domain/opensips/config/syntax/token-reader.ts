import type { Lexer, Token } from './lexer.ts'
import { ConfigFault } from './source.ts'

/** Reads tokens with a look at the next one. */
export class TokenReader {
  readonly #lexer: Lexer
  next: Token

  constructor(lexer: Lexer) {
    this.#lexer = lexer
    this.next = lexer.next()
  }

  take(): Token {
    const token = this.next
    if (token.kind !== 'end') this.next = this.#lexer.next()
    return token
  }

  /** Takes what fits the pattern, which is sticky, from where the next token begins. */
  takeMatch(pattern: RegExp): string | undefined {
    const found = this.#lexer.takeFrom(this.next.at, pattern)
    if (found !== undefined) this.next = this.#lexer.next()
    return found
  }

  isSign(value: string): boolean {
    return this.next.kind === 'sign' && this.next.value === value
  }

  isWord(value: string): boolean {
    return this.next.kind === 'word' && this.next.value === value
  }

  /** Takes the sign if it is the next token. */
  takeSign(value: string): boolean {
    const is = this.isSign(value)
    if (is) this.take()
    return is
  }

  /** @throws ConfigFault where another token is next */
  expectSign(value: string): Token {
    if (this.isSign(value)) return this.take()
    throw this.expected(`"${value}"`)
  }

  /** What is wrong where something else is expected. */
  expected(what: string): ConfigFault {
    const found = this.next.kind === 'end' ? 'the end of the file' : 'this'
    return new ConfigFault(this.next.at, `expected ${what} before ${found}`)
  }
}
