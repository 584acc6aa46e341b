import { EviError } from '#lib/errors.ts'
import { layOut } from '#lib/terminal/lay-out.ts'
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
  // The prompts would break a line within a word.
  const page = { columns: width - 1, strong: (command: string) => command }
  const remedy = hint ? `\n${style.faint(layOut(visibleBlock(hint, '  '), page))}` : ''
  const reason = `${style.marks.failed}${visibleBlock(message, '  ').slice(1)}`
  return `${layOut(reason, page)}${remedy}`
}
