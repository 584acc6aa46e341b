import { columnsOf } from './columns.ts'

/** A colour, or a character with the marks that are drawn over it. */
const piece = /\p{Cc}\[\d+m|[\s\S]\p{M}*/gu

/**
 * Cuts a line that is wider than a terminal; colours behind the cut stay, as they end others.
 *
 * @param options.columns of the terminal
 * @param options.more stands at the end of a line that is cut
 */
export function cutLine(line: string, { columns, more }: { columns: number; more: string }): string {
  // No character is wider than twice its length.
  if (line.length * 2 <= columns || columnsOf(line) <= columns) return line
  let room = columns - columnsOf(more)
  let end = room < 0 ? '' : more
  let cut = ''
  for (const [text] of line.matchAll(piece)) {
    const width = columnsOf(text)
    if (width === 0) {
      cut += text
      continue
    }
    room -= width
    if (room >= 0) cut += text
    else {
      cut += end
      end = ''
      room = -1
    }
  }
  return cut
}
