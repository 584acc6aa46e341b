import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import type { Evi } from '../evi/evi.ts'
import { slowness, slowSettings } from '../slowness.ts'

/** Keys as a terminal sends them. */
export const keys = {
  enter: '\r',
  esc: '\x1b',
  up: '\x1b[A',
  down: '\x1b[B',
  interrupt: '\x03',
  endOfFile: '\x04',
  stop: '\x1a',
  /** Of a password prompt. */
  toggleVisibility: '\x14',
  clearLine: '\x15',
  lineStart: '\x01',
  lineEnd: '\x05',
  tab: '\t',
} as const

/** Milliseconds; a sandbox takes 4 to 5 s to start. */
const limit = 40_000 * slowness

/** evi on a pseudo-terminal of its own, which `script` (bsdutils) makes; disposing of it hangs up. */
export class Terminal {
  readonly #child
  readonly #ended: Promise<number | null>
  readonly #heard = new Set<() => void>()
  #screen = ''
  /** What was waited for so far ends here. */
  #seen = 0

  /**
   * Runs evi with the words, which must not need quoting.
   *
   * @param environment COLUMNS and LINES are the terminal's size, 200 by 24 by default
   * @param program another one to run in its place, such as a shell
   */
  constructor(
    evi: Evi,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    program = evi.command,
  ) {
    const line = `stty cols ${environment.COLUMNS ?? 200} rows ${environment.LINES ?? 24}; exec ${program} ${words.join(' ')}`
    this.#child = spawn('script', ['-qfec', line, '/dev/null'], {
      env: {
        PATH: process.env.PATH,
        HOME: evi.configDirectory,
        EVI_CONFIG_DIR: evi.configDirectory,
        TERM: 'xterm',
        ...slowSettings,
        ...environment,
      },
      detached: true,
    })
    this.#child.stdin.on('error', () => {})
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text
      for (const look of this.#heard) look()
    })
    this.#ended = once(this.#child, 'close').then(([code]) => code)
  }

  /** All that was shown, without colours and cursor movements. */
  get text(): string {
    return stripVTControlCharacters(this.#screen)
  }

  /** As it came, escape sequences and all. */
  get raw(): string {
    return this.#screen
  }

  /** Types the keys. */
  type(...text: string[]): void {
    this.#child.stdin.write(text.join(''))
  }

  /** Waits until the terminal shows what it did not when this was last waited for. */
  async shows(pattern: RegExp | string): Promise<void> {
    const expected = typeof pattern === 'string' ? new RegExp(escapeRegExp(pattern)) : pattern
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      const match = expected.exec(this.text.slice(this.#seen))
      if (!match) return
      this.#seen += match.index + match[0].length
      resolve()
    }
    const giveUp = (why: string) => reject(new Error(`${why}, without ${pattern}:\n${this.text}`))
    const timer = setTimeout(() => giveUp(`${limit} ms are over`), limit)
    this.#heard.add(look)
    this.#ended.then(() => giveUp('evi ended'))
    look()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#heard.delete(look)
    }
  }

  /** Waits for a question, and types its answer. */
  async answer(question: RegExp | string, ...text: string[]): Promise<void> {
    await this.shows(question)
    this.type(...text)
  }

  /** The exit code, once evi ends. */
  async ended(): Promise<number | null> {
    return await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid) process.kill(-this.#child.pid, 'SIGKILL')
    await this.#ended
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
