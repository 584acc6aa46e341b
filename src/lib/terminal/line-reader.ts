import type { Stats } from 'node:fs'
import { isatty } from 'node:tty'
import type { InputLine } from '../services/stream/raise-stream.ts'
import { unreadable } from './input.ts'
import { LineSplitter } from './line-splitter.ts'
import { openInput } from './open-input.ts'

/** A file, or standard input, that is read line by line. */
export class LineReader {
  readonly #name: string
  readonly #file: number
  readonly #stats: Stats
  readonly #stream: AsyncIterable<Buffer>
  #bytes = 0

  /** @param name `-` for standard input. @throws EviError `no-input` */
  constructor(name: string) {
    try {
      const { file, stats, stream } = openInput(name)
      this.#name = name
      this.#file = file
      this.#stats = stats
      this.#stream = stream
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
    try {
      for await (const chunk of this.#stream) {
        this.#bytes += chunk.length
        yield splitter.push(chunk)
      }
    } catch (error) {
      throw unreadable(this.#name, error)
    }
    yield splitter.end()
  }
}
