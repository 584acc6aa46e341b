import { cutLine } from '#lib/text/layout/cut-line.ts'
import type { MessagesRenderer } from './render-message.ts'

export interface TerminalLook {
  /** Of the terminal, as it is now; undefined or 0 where it does not say. */
  readonly columns: () => number | undefined
  /** Stands at the end of a line that is cut. */
  readonly more: string
  /** Called once, when the first line is cut. */
  readonly onCut: () => void
}

/** A narrower terminal, where the time alone would be left of a line, breaks lines by itself. */
const narrowest = 40

/** A renderer whose lines fit the terminal, each message on one. */
export function terminalRenderer(
  render: MessagesRenderer,
  { columns, more, onCut }: TerminalLook,
): MessagesRenderer {
  let hasCut = false
  return (pieces, sourceOf) => {
    const text = String(render(pieces, sourceOf))
    const width = columns()
    if (!width) return text
    const cut = text
      .split('\n')
      .map((line) => cutLine(line, { columns: Math.max(width, narrowest), more }))
      .join('\n')
    if (cut !== text && !hasCut) {
      hasCut = true
      onCut()
    }
    return cut
  }
}
