import { EviError } from '#lib/errors.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock } from '#lib/text/escape-controls.ts'

/** A question's live check, in the form that prompts know: true, or a sentence that says what is wrong. */
export class Validator<A, T> {
  readonly #accept: (answer: A) => Promise<T>
  readonly #style: PromptStyle
  #outcome: Promise<T> | undefined

  constructor(accept: (answer: A) => Promise<T>, style: PromptStyle) {
    this.#accept = accept
    this.#style = style
  }

  readonly validate = async (answer: A): Promise<true | string> => {
    this.#outcome = this.#accept(answer)
    try {
      await this.#outcome
    } catch (error) {
      if (error instanceof EviError && error.code !== 'interrupted') return whatIsWrong(error, this.#style)
    }
    return true
  }

  /** What the last answer was accepted as. @throws what is no EviError */
  async result(): Promise<T> {
    return (await this.#outcome) as T
  }
}

export interface PromptStyle {
  readonly style: Style
  /** Columns of the terminal. */
  readonly width: number
}

function whatIsWrong({ message, hint }: EviError, { style, width }: PromptStyle): string {
  const remedy = hint ? `\n${style.faint(wrap(visibleBlock(hint), width))}` : ''
  return `${style.marks.failed}${wrap(visibleBlock(message), width).slice(1)}${remedy}`
}

/** Breaks lines between words, as the prompts would break them within; each is set in by two. */
function wrap(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => {
    const pieces: string[] = []
    for (const word of line.split(' ')) {
      const last = pieces.at(-1)
      if (last !== undefined && last.length + word.length + 3 < width) pieces.push(`${pieces.pop()} ${word}`)
      else pieces.push(word)
    }
    return pieces
  })
  return lines.map((line) => `  ${line}`).join('\n')
}
