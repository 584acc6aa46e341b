import type { Stats } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { InputLine } from '#lib/domain/event/input-line.ts'
import { type LineLimits, LineSplitter } from './line-splitter.ts'
import { openInput } from './open-input.ts'
import { unreadable } from './read-input.ts'

export interface ReadOptions extends LineLimits {
  /** Ends the waiting for more. */
  readonly signal: AbortSignal
  /** After the signal: whether somebody wants what can be read without waiting, as those who wrote it believe it taken. */
  readonly keepsRest: () => boolean
}

/** Bytes that are read of a pipe's rest, as its writer may go on for ever; the most that a pipe holds unless root says so. */
const mostOfPipe = 1024 * 1024

/** A file, or standard input, that is read line by line. */
export class LineReader {
  readonly #name: string
  readonly #file: number
  readonly #stats: Stats
  readonly #stream: AsyncIterable<Buffer>
  #bytes = 0
  /** What was read of a pipe before its rest. */
  #rest: number | undefined

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
  async *lines(options: ReadOptions): AsyncGenerator<readonly InputLine[]> {
    const splitter = new LineSplitter(options)
    const chunks = this.#stream[Symbol.asyncIterator]()
    while (true) {
      const chunk = await this.#next(chunks, options)
      // Of a line whose end is not there yet, nobody can make anything.
      if (chunk === 'stopped') return
      if (chunk.done) break
      this.#bytes += chunk.value.length
      yield splitter.push(chunk.value)
    }
    yield splitter.end()
  }

  async #next(
    chunks: AsyncIterator<Buffer>,
    { signal, keepsRest }: ReadOptions,
  ): Promise<IteratorResult<Buffer> | 'stopped'> {
    try {
      const next = chunks.next()
      const chunk = signal.aborted ? 'stopped' : await unlessStopped(signal, next)
      if (chunk !== 'stopped' || !keepsRest()) return chunk
      return this.#stats.isFile() ? await next : await this.#atOnce(next)
    } catch (error) {
      throw unreadable(this.#name, error)
    }
  }

  /** What a pipe holds now. */
  async #atOnce<T>(next: Promise<T>): Promise<T | 'stopped'> {
    this.#rest ??= this.#bytes
    if (this.#bytes - this.#rest > mostOfPipe) return 'stopped'
    // Node looks at its pipes between two of these.
    const looked = setImmediate().then(() => setImmediate('stopped' as const))
    return await Promise.race([next, looked])
  }
}
