import type { InputLine } from '../services/stream/raise-stream.ts'

export interface LineLimits {
  /** Bytes that a line may have to be kept. */
  readonly limit: number
  /** Gets the bytes of a longer one, piece by piece, its line end included. */
  readonly onTooLong: (piece: Buffer, last: boolean) => void
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from('\ufeff')

/** Cuts a stream of bytes into lines, which end in LF or CRLF; the last one may do without. */
export class LineSplitter {
  readonly #limits: LineLimits
  #number = 0
  /** The start of a line whose end has not come. */
  #rest: Buffer[] = []
  #restLength = 0
  #tooLong = false

  constructor(limits: LineLimits) {
    this.#limits = limits
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): InputLine[] {
    const lines: InputLine[] = []
    let start = 0
    while (true) {
      const end = chunk.indexOf(lineFeed, start)
      if (end < 0) break
      lines.push(this.#line(chunk.subarray(start, end), chunk.subarray(start, end + 1)))
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** The line that the input ended in, if it did. */
  end(): InputLine[] {
    return this.#restLength > 0 || this.#tooLong ? [this.#line(empty, empty)] : []
  }

  #line(lastPiece: Buffer, withEnd: Buffer): InputLine {
    const number = ++this.#number
    if (this.#tooLong || this.#restLength + lastPiece.length > this.#limits.limit) {
      this.#flushRest()
      this.#limits.onTooLong(withEnd, true)
      this.#tooLong = false
      return { number, bytes: undefined }
    }
    const whole = this.#rest.length === 0 ? lastPiece : Buffer.concat([...this.#rest, lastPiece])
    this.#rest = []
    this.#restLength = 0
    return { number, bytes: trim(whole, number) }
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return
    this.#rest.push(piece)
    this.#restLength += piece.length
    if (!this.#tooLong && this.#restLength <= this.#limits.limit) return
    this.#tooLong = true
    this.#flushRest()
  }

  #flushRest(): void {
    for (const piece of this.#rest) this.#limits.onTooLong(piece, false)
    this.#rest = []
    this.#restLength = 0
  }
}

const empty = Buffer.alloc(0)

/** Without the CR of a CRLF, and without a byte order mark at the start of the input. */
function trim(line: Buffer, number: number): Buffer {
  const marked = number === 1 && line.subarray(0, byteOrderMark.length).equals(byteOrderMark)
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length
  return line.subarray(marked ? byteOrderMark.length : 0, end)
}
