import { constants, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { systemCode } from '#lib/errors.ts'

/** Milliseconds between two looks at an empty pipe. */
const pause = 2
/** Bytes of a read, as much as a pipe holds. */
const size = 64 * 1024

/**
 * A pipe for bun, which reads ahead in a way that cannot be stopped: what it has read when evi ends is lost. This one
 * reads only when asked, from a descriptor of its own that does not block (Linux).
 */
export class PolledPipe extends Readable {
  readonly #opened: Promise<number>
  /** The descriptor, once it is open. */
  file: number | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  /** @param opened a descriptor of the pipe, once it has a writer */
  constructor(opened: Promise<number> | number) {
    super({ highWaterMark: size })
    this.#opened = Promise.resolve(opened)
    if (typeof opened === 'number') this.file = reopen(opened)
  }

  /** Reads nothing more. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  override _construct(callback: (error?: Error | null) => void): void {
    this.#opened.then((opened) => {
      this.file ??= reopen(opened)
      callback()
    }, callback)
  }

  override _read(): void {
    if (this.#isStopped || this.file === undefined) return
    const bytes = Buffer.allocUnsafe(size)
    try {
      const length = readSync(this.file, bytes)
      this.push(length === 0 ? null : bytes.subarray(0, length))
    } catch (error) {
      if (systemCode(error) === 'EAGAIN') this.#timer = setTimeout(() => this._read(), pause)
      else this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function reopen(file: number): number {
  return openSync(`/proc/self/fd/${file}`, constants.O_RDONLY | constants.O_NONBLOCK)
}
