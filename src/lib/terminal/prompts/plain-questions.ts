import { EviError } from '#lib/errors.ts'
import {
  type Back,
  back,
  type Choice,
  type ChoiceQuestion,
  type Questions,
  type SearchQuestion,
  type TextQuestion,
} from '#lib/services/setup/ports.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { choiceOf, numbered, type PlainTerminal, readLine, readSecret } from './plain-prompts.ts'

/** What is typed to go back to the question before. */
const backWord = '<'
/** Choices that a search lists. */
const listed = 20

/** Asks line by line, for a terminal that cannot draw, and for screen readers: lists by number, `<` goes back. */
export class PlainQuestions implements Questions {
  readonly backKey = backWord
  readonly #terminal: PlainTerminal
  readonly #style: Style
  #step = ''

  constructor(terminal: PlainTerminal, style: Style) {
    this.#terminal = terminal
    this.#style = style
  }

  step(number: number, of: number): void {
    this.#step = `${number}/${of} `
  }

  async enter<T>({ message, accept, secret, hint = '', ...question }: TextQuestion<T>): Promise<T | Back> {
    const shown = question.default === '' ? hint : question.default
    const text = this.#step + visibleLine(message)
    return await this.#until(async () => {
      const answer = secret
        ? await readSecret(this.#terminal, text)
        : await readLine(this.#terminal, text, visibleLine(shown))
      return answer === backWord ? back : await accept(answer === shown ? question.default : answer)
    })
  }

  async choose<A, T>({ message, choices, accept, ...question }: ChoiceQuestion<A, T>): Promise<T | Back> {
    const standard = choices.findIndex(({ answer }) => answer === question.default)
    this.#write(`${this.#step}${visibleLine(message)}\n${listOf(choices)}`)
    return await this.#until(async () => {
      const answer = await readLine(this.#terminal, 'Number', String(Math.max(0, standard) + 1))
      if (answer === backWord) return back
      const choice = choices[choiceOf(answer, namesOf(choices))]
      if (!choice) throw new EviError('usage', `Type a number from 1 to ${choices.length}.`)
      return await accept(choice.answer)
    })
  }

  async search<T>({ message, find, accept }: SearchQuestion<T>): Promise<T | Back> {
    this.#write(`${this.#step}${visibleLine(message)}\n`)
    let found: readonly Choice<string>[] = []
    return await this.#until(async () => {
      const text = await readLine(this.#terminal, 'Type a part of the name, or a number of the list')
      if (text === backWord) return back
      const chosen = /^\d+$/.test(text) ? found[Number(text) - 1] : undefined
      if (chosen) return await accept(chosen.answer)
      found = find(text).slice(0, listed)
      const [only] = found
      if (only && (found.length === 1 || only.answer === text)) return await accept(only.answer)
      this.#write(found.length === 0 ? 'Nothing has that in its name.\n' : listOf(found))
      return undefined
    })
  }

  say(kind: 'good' | 'note', sentence: string): void {
    const { marks } = this.#style
    this.#write(`${kind === 'good' ? marks.ok : marks.note} ${visibleLine(sentence)}\n`)
  }

  #write(text: string): void {
    this.#terminal.output.write(text)
  }

  /** Asks again while there is no answer; what is refused is shown. */
  async #until<T>(ask: () => Promise<T | Back | undefined>): Promise<T | Back> {
    while (true) {
      try {
        const answer = await ask()
        if (answer !== undefined) return answer
      } catch (error) {
        if (!(error instanceof EviError) || error.code === 'interrupted') throw error
        const hint = error.hint ? `${visibleBlock(error.hint, '  ')}\n` : ''
        this.#write(`${this.#style.marks.failed} ${visibleBlock(error.message)}\n${hint}`)
      }
    }
  }
}

function namesOf(choices: readonly Choice<unknown>[]): string[] {
  return choices.map(({ name }) => visibleLine(name))
}

function listOf(choices: readonly Choice<unknown>[]): string {
  return numbered(
    choices.map(({ name, about }) =>
      about ? `${visibleLine(name)}: ${visibleLine(about)}` : visibleLine(name),
    ),
  )
}
