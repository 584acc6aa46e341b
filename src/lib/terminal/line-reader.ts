import { createReadStream, fstatSync, openSync, type Stats } from 'node:fs'
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

  /** @param name `-` for standard input. @throws EviError `no-input` */
  constructor(name: string) {
    this.#name = name
    try {
      this.#file = name === '-' ? standardInput : openSync(name, 'r')
      this.#stats = fstatSync(this.#file)
    } catch (error) {
      throw this.#unreadable(error)
    }
  }

  /** The file, where it is one with a length. */
  get file(): { readonly dev: number; readonly ino: number } | undefined {
    return this.#stats.isFile() ? this.#stats : undefined
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
      throw this.#unreadable(error)
    }
    yield splitter.end()
  }

  #unreadable(error: unknown): EviError {
    const name = this.#name === '-' ? 'Standard input' : `The file ${this.#name}`
    return new EviError('no-input', `${name} cannot be read (${systemCode(error) ?? error}).`, {
      cause: error,
    })
  }
}
