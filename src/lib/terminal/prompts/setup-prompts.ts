import { createInterface, type Key } from 'node:readline'
import {
  type Back,
  back,
  type Choice,
  type ChoiceQuestion,
  type Questions,
  type SearchQuestion,
  type TextQuestion,
} from '#lib/services/setup/ports.ts'
import { layOut } from '#lib/terminal/lay-out.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'
import { askPrompt, type Terminal } from './ask-prompt.ts'
import { type KeyAction, promptTheme } from './prompt-theme.ts'
import { Transcript } from './transcript.ts'
import { Validator } from './validator.ts'

const goBack: KeyAction = ['esc', 'back']

/** Milliseconds after which an Escape is a key of its own and not the start of another's sequence. */
const escapeCodeTimeout = 50

/** Asks on a terminal, by @inquirer/prompts. Esc goes back; Ctrl-C, Ctrl-D and a terminal that is gone leave. */
export class TerminalQuestions implements Questions {
  readonly backKey = 'Esc'
  readonly #terminal: Terminal
  readonly #style: Style
  readonly #theme: object
  readonly #transcript: Transcript
  #step = ''

  constructor(terminal: Terminal, style: Style) {
    this.#terminal = terminal
    this.#style = style
    this.#theme = this.#themeWith([])
    this.#transcript = new Transcript(terminal.output)
    // The first one on a stream decides how its keys are read.
    createInterface({
      input: terminal.input,
      output: terminal.output,
      terminal: true,
      escapeCodeTimeout,
    }).close()
  }

  step(number: number, of: number): void {
    this.#transcript.begin(number)
    this.#step = this.#style.faint(`${number}/${of} `)
  }

  async enter<T>({ message, accept, secret, ...question }: TextQuestion<T>): Promise<T | Back> {
    const { input } = await import('./inquirer.ts')
    const empty = question.hint
    const validator = this.#validator((text: string) => accept(text === empty ? '' : text))
    const config = {
      message: this.#question(message, secret ? '' : ` (${question.default || empty || ''})`),
      validate: validator.validate,
      theme: this.#theme,
    }
    const answer = await askPrompt(
      this.#terminal,
      secret
        ? (context) => input({ ...config, ...hidden(config.theme) }, context)
        : (context) => input({ ...config, default: question.default || empty }, context),
    )
    return await this.#answered(message, answer, { shown: secret ? '[hidden]' : String(answer), validator })
  }

  async choose<A, T>({ message, accept, ...question }: ChoiceQuestion<A, T>): Promise<T | Back> {
    const { select } = await import('./inquirer.ts')
    const config = {
      message: this.#question(message),
      choices: question.choices.map((choice) => this.#choice(choice)),
      default: question.default,
      theme: this.#theme,
    }
    while (true) {
      const answer = await askPrompt(this.#terminal, (context) => select(config, context))
      if (answer === back) return back
      const validator = this.#validator(accept)
      const verdict = await validator.validate(answer)
      const shown = question.choices.find((choice) => choice.answer === answer)?.name ?? ''
      if (verdict === true) return await this.#answered(message, answer, { shown, validator })
      this.#transcript.write(`${verdict}\n`)
    }
  }

  async search<T>({ message, accept, find }: SearchQuestion<T>): Promise<T | Back> {
    const { search } = await import('./inquirer.ts')
    const validator = this.#validator(accept)
    const names = new Map<string, string>()
    const config = {
      message: this.#question(message),
      source: (text = '') =>
        find(text).map((choice) => {
          names.set(choice.answer, choice.name)
          return this.#choice(choice)
        }),
      validate: validator.validate,
      theme: this.#themeWith([['type', 'to search']]),
    }
    const stop = repeatEarlyEnter(this.#terminal.input)
    try {
      const answer = await askPrompt(this.#terminal, (context) => search(config, context))
      return await this.#answered(message, answer, { shown: names.get(String(answer)) ?? '', validator })
    } finally {
      stop()
    }
  }

  say(kind: 'good' | 'note', sentence: string): void {
    const { faint, marks } = this.#style
    const text = visibleLine(sentence)
    this.#write(kind === 'good' ? `${marks.ok} ${text}` : `${marks.note} ${faint(text)}`)
  }

  /** The question of a prompt, broken between words. @param beside what the prompt shows behind it */
  #question(message: string, beside = ''): string {
    const columns = (this.#terminal.output.columns ?? 80) - columnsOf(beside)
    const mark = '? '
    return layOut(`${mark}${this.#step}${visibleLine(message)}`, { columns, strong: (text) => text }).slice(
      mark.length,
    )
  }

  /** As the prompts take it, with its name broken between words, below each other behind the pointer. */
  #choice<A>({ name, answer, about = '' }: Choice<A>) {
    const { columns = 80 } = this.#terminal.output
    const pointer = '  '
    const shown = layOut(`${pointer}${visibleLine(name)}`, { columns, strong: (text) => text })
    const description = layOut(visibleLine(about), { columns, strong: (text) => text })
    return { name: shown.slice(pointer.length), value: answer, description }
  }

  #write(line: string): void {
    const { columns = 80 } = this.#terminal.output
    this.#transcript.write(`${layOut(line, { columns, strong: this.#style.strong })}\n`)
  }

  /** Writes the question and its answer in the place of the prompt. @returns what the answer was accepted as */
  async #answered<A, T>(
    message: string,
    answer: A | Back,
    { shown, validator }: { readonly shown: string; readonly validator: Validator<A, T> },
  ): Promise<T | Back> {
    if (answer === back) return back
    const { marks, strong } = this.#style
    const question = this.#step + strong(visibleLine(message))
    this.#write(`${marks.ok} ${question} ${strong(visibleLine(shown))}`)
    return await validator.result()
  }

  /** @param more keys beside those of the prompt */
  #themeWith(more: readonly KeyAction[]): object {
    return promptTheme(this.#style, (keys) => [...more, ...keys, goBack])
  }

  #validator<A, T>(accept: (answer: A) => Promise<T>): Validator<A, T> {
    return new Validator(accept, { style: this.#style, width: this.#terminal.output.columns ?? 80 })
  }
}

/** Of a text that is not shown: it cannot be mended, so what is refused is not kept, as the password of @inquirer/prompts does. */
function hidden(theme: object) {
  return {
    transformer: (text: string) => '*'.repeat(text.length),
    theme: { ...theme, validationFailureMode: 'clear' as const },
  }
}

/** An Enter that comes in one piece with the text before it, as pasted, is too early for the list: it is given again. */
function repeatEarlyEnter(input: NodeJS.ReadableStream): () => void {
  let early = false
  const onKey = (text: string | undefined, key: Key) => {
    if (key.name !== 'return' && key.name !== 'enter') {
      early = true
      setImmediate(() => {
        early = false
      })
    } else if (early) setImmediate(() => input.emit('keypress', text, key))
  }
  input.on('keypress', onKey)
  return () => input.off('keypress', onKey)
}
