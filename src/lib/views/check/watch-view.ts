import { allowDrawing } from '#lib/terminal/escape-guard.ts'
import { layOut } from '#lib/terminal/lay-out.ts'
import { isPlain } from '#lib/terminal/marks.ts'
import type { Style } from '#lib/terminal/style.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'

/** Where each look is shown. */
export interface WatchView {
  show(text: string, ended: Date): void
  /** Leaves the last look there, whole. */
  end(): void
}

/** A view of a stream: on a terminal that can draw each look takes the place of the one before, elsewhere it follows. */
export function watchView(stream: NodeJS.WriteStream, style: Style): WatchView {
  return stream.isTTY && !isPlain(process.env) ? new DrawnView(stream, style) : followingView(stream)
}

function followingView(stream: NodeJS.WriteStream): WatchView {
  return {
    show: (text, ended) => {
      stream.write(`${ended.toISOString()}\n${text}\n`)
    },
    end() {},
  }
}

class DrawnView implements WatchView {
  readonly #stream: NodeJS.WriteStream
  readonly #style: Style
  #text = ''
  #head = ''
  /** Rows of the terminal that the last look takes. */
  #rows = 0

  constructor(stream: NodeJS.WriteStream, style: Style) {
    this.#stream = stream
    this.#style = style
    allowDrawing()
    stream.on('resize', this.#redraw)
  }

  show(text: string, ended: Date): void {
    this.#text = text
    this.#head = this.#style.faint(`${ended.toTimeString().slice(0, 8)}  Ctrl-C ends it.`)
    this.#draw(this.#erasing())
  }

  end(): void {
    this.#stream.off('resize', this.#redraw)
    if (this.#text !== '') this.#stream.write(this.#erasing() + this.#laidOut(this.#text))
  }

  /** Lines were broken anew by the terminal: only an empty screen is known. */
  readonly #redraw = (): void => {
    if (this.#text !== '') this.#draw('\x1b[H\x1b[2J')
  }

  #erasing(): string {
    return this.#rows === 0 ? '' : `\x1b[${this.#rows}A\r\x1b[J`
  }

  #draw(erasing: string): void {
    const lines = this.#fitting()
    this.#rows = this.#rowsOf(lines)
    this.#stream.write(`${erasing}${lines.join('\n')}\n`)
  }

  /** The head, as many lines as the terminal has room for, and the summary whole. */
  #fitting(): string[] {
    const [summary = '', ...above] = this.#text.trimEnd().split('\n').toReversed()
    const lines = [
      ...this.#laidOut(this.#head).split('\n'),
      ...above.toReversed().flatMap((line) => this.#laidOut(line).split('\n')),
    ]
    const last = this.#laidOut(summary).split('\n')
    const room = Math.max(this.#stream.rows - 1, 2) - this.#rowsOf(last)
    if (this.#rowsOf(lines) <= room) return [...lines, ...last]
    const shown: string[] = []
    let left = room - 1
    for (const line of lines) {
      left -= this.#rowsOf([line])
      if (left < 0) break
      shown.push(line)
    }
    return [...shown, this.#style.faint(`${lines.length - shown.length} more lines`), ...last]
  }

  #rowsOf(lines: readonly string[]): number {
    const columns = Math.max(this.#stream.columns, 1)
    return lines.reduce((sum, line) => sum + Math.max(Math.ceil(columnsOf(line) / columns), 1), 0)
  }

  #laidOut(text: string): string {
    const { columns } = this.#stream
    return columns > 0 ? layOut(text, { columns, strong: this.#style.strong }) : text
  }
}
