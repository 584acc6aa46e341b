import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { EviError, systemCode } from '#lib/errors.ts'

const lineFeed = Buffer.from('\n')

/** Keeps the lines that failed, to be raised again; what is in the file already stays. */
export class FailedFile {
  readonly #name: string
  readonly #file: number
  /** Lines that came while a long one is being written in pieces. */
  #held: Buffer[] | undefined
  /** Why no line can be kept any more. */
  failure: EviError | undefined

  /**
   * @param input the file that is being read, if it is one
   * @throws EviError `cannot-write`, or `usage` for the input itself, which would never end
   */
  constructor(name: string, input: { readonly dev: number; readonly ino: number } | undefined) {
    this.#name = name
    this.#file = this.#try(anotherFile, () => openForAppending(name))
    const { dev, ino } = this.#try(anotherFile, () => fstatSync(this.#file))
    if (dev !== input?.dev || ino !== input.ino) return
    throw new EviError('usage', `--failed ${name} is the file that is read.`, { hint: anotherFile })
  }

  /** Keeps a line. Does nothing once it has failed, which `failure` says. */
  keep(line: Buffer): void {
    const bytes = Buffer.concat([line, lineFeed])
    if (this.#held) this.#held.push(bytes)
    else this.#write(bytes)
  }

  /** Keeps a line that comes in pieces, the last one with its line end. */
  keepPiece(piece: Buffer, last: boolean): void {
    this.#held ??= []
    this.#write(piece)
    if (!last) return
    if (piece.at(-1) !== lineFeed[0]) this.#write(lineFeed)
    const held = this.#held
    this.#held = undefined
    for (const bytes of held) this.#write(bytes)
  }

  /** Closes the file; a file system may report only here that it is full. */
  close(): void {
    try {
      this.#try(notKept, () => closeSync(this.#file))
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.failure ??= error
    }
  }

  #write(bytes: Buffer): void {
    if (this.failure) return
    let written = 0
    try {
      this.#try(notKept, () => {
        while (written < bytes.length) written += writeSync(this.#file, bytes, written)
      })
    } catch (error) {
      this.#takeBack(written)
      if (!(error instanceof EviError)) throw error
      this.failure = error
    }
  }

  /** A part of a line would be the start of whatever is written next. */
  #takeBack(written: number): void {
    if (written === 0) return
    try {
      ftruncateSync(this.#file, fstatSync(this.#file).size - written)
    } catch {
      // What it is that cannot be truncated cannot be raised again, either.
    }
  }

  #try<T>(hint: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      const code = systemCode(error)
      throw new EviError('cannot-write', `The file ${this.#name} of --failed cannot be written (${code}).`, {
        hint,
        cause: error,
      })
    }
  }
}

const anotherFile = 'Name another file.'
const notKept =
  'Lines that failed since then are in no file. Make room or name another file, and raise the input again: what arrived before arrives twice.'

/** Does not wait for the reader of a named pipe, which is an error (ENXIO). */
function openForAppending(name: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const file = openSync(name, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666)
  if (!fstatSync(file).isFIFO()) return file
  try {
    // Writing to it waits for room.
    return openSync(name, 'a')
  } finally {
    closeSync(file)
  }
}
