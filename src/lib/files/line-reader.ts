import type { Stats } from 'node:fs'
import { isatty } from 'node:tty'
import type { InputLine } from '#lib/domain/event/input-line.ts'
import { ChunkReader } from './chunk-reader.ts'
import { readRestOfLine } from './line-rest.ts'
import { type LineLimits, LineSplitter } from './line-splitter.ts'
import { openInput } from './open-input.ts'
import { unreadable } from './read-input.ts'

export interface ReadOptions extends LineLimits {
  /** Ends the reading. */
  readonly signal: AbortSignal
  /** After the signal: whether to read all of a file, or what a pipe holds, as its writer believes that it was taken. */
  readonly keepsRest: () => boolean
}

/** Bytes that are read of a pipe's rest, as its writer may go on for ever; the most that a pipe holds unless root says so. */
const mostOfPipe = 1024 * 1024

/** A file, or standard input, that is read line by line. */
export class LineReader {
  readonly #name: string
  readonly #file: number
  readonly #stats: Stats
  readonly #nonBlocking: () => number | undefined
  readonly #chunks: ChunkReader
  #bytes = 0

  /** @param name `-` for standard input. @throws EviError `no-input` */
  constructor(name: string) {
    try {
      const { file, stats, stream, nonBlocking } = openInput(name)
      this.#name = name
      this.#file = file
      this.#stats = stats
      this.#nonBlocking = nonBlocking
      this.#chunks = new ChunkReader(stream)
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

  /**
   * The lines, in blocks as they come in. After the signal they end behind all that was read, to the byte; the rest of a
   * pipe stays there for its next reader.
   *
   * @throws EviError `no-input` when it cannot be read on
   */
  async *lines(options: ReadOptions): AsyncGenerator<readonly InputLine[]> {
    const { signal, keepsRest } = options
    const splitter = new LineSplitter(options)
    let chunk: Buffer | 'end' | 'stopped'
    while (true) {
      chunk = await this.#try(() => this.#chunks.next(signal))
      if (typeof chunk === 'string') break
      yield this.#split(splitter, chunk)
    }
    if (chunk === 'stopped' && keepsRest()) {
      const mostBytes = this.#bytes + mostOfPipe
      const isFile = this.#stats.isFile()
      while (isFile || this.#bytes < mostBytes) {
        chunk = await this.#try(() => (isFile ? this.#chunks.next() : this.#chunks.atOnce()))
        if (typeof chunk === 'string') break
        yield this.#split(splitter, chunk)
      }
    }
    if (chunk !== 'end') {
      // What is in a file stays there, however far it was read.
      if (this.#stats.isFile()) return
      yield this.#split(splitter, this.#chunks.stop())
      const file = this.#nonBlocking()
      if (splitter.isWithinLine && file !== undefined) yield this.#split(splitter, await readRestOfLine(file))
    }
    yield splitter.end()
  }

  #split(splitter: LineSplitter, chunk: Buffer): readonly InputLine[] {
    this.#bytes += chunk.length
    return splitter.push(chunk)
  }

  async #try<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw unreadable(this.#name, error)
    }
  }
}
