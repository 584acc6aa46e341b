import { createReadStream, fstatSync, open, type Stats } from 'node:fs'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { EviError, systemCode } from '../errors.ts'
import type { InputLine } from '../services/stream/raise-stream.ts'
import { LineSplitter } from './line-splitter.ts'

const standardInput = 0

/** A file, or standard input, that is read line by line. */
export class LineReader {
  readonly #name: string
  readonly #file: number
  readonly #stats: Stats
  #bytes = 0

  private constructor(name: string, file: number, stats: Stats) {
    this.#name = name
    this.#file = file
    this.#stats = stats
  }

  /** @param name `-` for standard input. @throws EviError `no-input` */
  static async open(name: string): Promise<LineReader> {
    try {
      // A pipe with a name is waited for until somebody writes to it, so not in the way of Ctrl-C.
      const file = name === '-' ? standardInput : await promisify(open)(name, 'r')
      return new LineReader(name, file, fstatSync(file))
    } catch (error) {
      throw unreadable(name, error)
    }
  }

  /** The file, where it is one with a length. */
  get file(): { readonly dev: number; readonly ino: number } | undefined {
    return this.#stats.isFile() ? this.#stats : undefined
  }

  /** A person types the lines. */
  get isTyped(): boolean {
    return isatty(this.#file)
  }

  /** How much of it was read, from 0 to 1; undefined where its length is not known. */
  get share(): number | undefined {
    return this.#stats.isFile() && this.#stats.size > 0
      ? Math.min(1, this.#bytes / this.#stats.size)
      : undefined
  }

  /** The lines, in blocks as they come in. @throws EviError `no-input` when it cannot be read on */
  async *lines(limits: ConstructorParameters<typeof LineSplitter>[0]): AsyncGenerator<readonly InputLine[]> {
    const splitter = new LineSplitter(limits)
    const stream = this.#file === standardInput ? process.stdin : createReadStream('', { fd: this.#file })
    try {
      for await (const chunk of stream) {
        this.#bytes += (chunk as Buffer).length
        yield splitter.push(chunk as Buffer)
      }
    } catch (error) {
      throw unreadable(this.#name, error)
    }
    yield splitter.end()
  }
}

function unreadable(input: string, error: unknown): EviError {
  const name = input === '-' ? 'Standard input' : `The file ${input}`
  return new EviError('no-input', `${name} cannot be read (${systemCode(error) ?? error}).`, { cause: error })
}
