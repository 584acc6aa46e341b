import type { InputLine } from '#lib/domain/event/input-line.ts'

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

  /** A line has begun whose end has not come. */
  get isWithinLine(): boolean {
    return this.#restLength > 0 || this.#tooLong
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): InputLine[] {
    const lines: InputLine[] = []
    let start = 0
    while (true) {
      const end = chunk.indexOf(lineFeed, start)
      if (end < 0) break
      lines.push(this.#line(chunk, start, end + 1))
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
    return lines
  }

  /** The line that the input ended in, if it did. */
  end(): InputLine[] {
    return this.isWithinLine ? [this.#line(empty, 0, 0)] : []
  }

  /** The line whose last bytes are those of the chunk from `start`, its line end included. */
  #line(chunk: Buffer, start: number, end: number): InputLine {
    const number = ++this.#number
    if (this.#tooLong || this.#restLength + end - start > this.#limits.limit) {
      this.#flushRest()
      this.#limits.onTooLong(chunk.subarray(start, end), true)
      this.#tooLong = false
      return { number, bytes: undefined }
    }
    if (this.#restLength === 0) return { number, bytes: content(chunk, start, end, number) }
    const whole = Buffer.concat([...this.#rest, chunk.subarray(start, end)])
    this.#rest = []
    this.#restLength = 0
    return { number, bytes: content(whole, 0, whole.length, number) }
  }

  #keep(piece: Buffer): void {
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

/** The line without its end, LF or CRLF, and without a byte order mark at the start of the input; one view only. */
function content(bytes: Buffer, start: number, end: number, number: number): Buffer {
  let last = end
  if (last > start && bytes[last - 1] === lineFeed) last--
  if (last > start && bytes[last - 1] === carriageReturn) last--
  const marked = number === 1 && bytes.subarray(start, start + byteOrderMark.length).equals(byteOrderMark)
  return bytes.subarray(marked ? start + byteOrderMark.length : start, last)
}
