import { stripVTControlCharacters } from 'node:util'

/** Columns of a text on a terminal, which shows no escapes. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let columns = 0
  // No character before the first combining one is wide, or has no width.
  for (const character of stripVTControlCharacters(text))
    columns += character < '\u0300' ? 1 : widthOf(character)
  return columns
}

/** The text with blanks behind it, up to so many columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** Blocks whose characters are two columns wide (East Asian Width W and F, of Unicode's UAX 11), and those of width 0. */
function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u.test(
    character,
  )
    ? 2
    : 1
}

const ellipsis = '\u2026'

/** The text, cut in its middle to so many columns, so that its beginning and its end stay. */
export function cutMiddle(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const half = Math.floor((columns - 1) / 2)
  const characters = [...text]
  const tail = firstColumns(characters.toReversed(), half).reverse()
  return `${firstColumns(characters, columns - 1 - half).join('')}${ellipsis}${tail.join('')}`
}

/** The text, cut at its end to so many columns. */
export function cutEnd(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  return `${firstColumns([...text], columns - 1).join('')}${ellipsis}`
}

function firstColumns(characters: readonly string[], columns: number): string[] {
  let left = columns
  const end = characters.findIndex((character) => {
    left -= columnsOf(character)
    return left < 0
  })
  return characters.slice(0, end < 0 ? undefined : end)
}

/** Breaks a line between words so that no piece is wider than `width`, but for single words, which stay whole to be copied. */
export function wrapLine(line: string, { width, indent }: { width: number; indent: string }): string[] {
  const pieces = ['']
  let columns = 0
  let gap = ''
  const hanging = columnsOf(indent)
  // A number and its unit stay together.
  for (const [index, part] of line.split(/((?<!\d) +|(?<=\d) +(?!(?:ms|s|min|h)\b))/).entries()) {
    if (index % 2 === 1) {
      gap = part
      continue
    }
    const size = columnsOf(part)
    if (columns > hanging && columns + gap.length + size > width) {
      pieces.push(indent + part)
      columns = hanging + size
    } else {
      pieces.push(pieces.pop() + gap + part)
      columns += gap.length + size
    }
    gap = ''
  }
  return pieces
}
