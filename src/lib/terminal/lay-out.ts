import { stripVTControlCharacters } from 'node:util'
import { columnsOf, wrapLine } from '#lib/text/layout/columns.ts'
import { splitCommand } from '#lib/text/layout/split-command.ts'

interface Page {
  /** Of the terminal. */
  readonly columns: number
  /** How a command that can be copied is written. */
  readonly strong: (text: string) => string
}

/** A narrower terminal breaks lines by itself. */
const narrowest = 20

/**
 * Lays text out on a terminal: a command at the end of a sentence stands on a line of its own, where it can be copied,
 * and lines are broken between words, with a hanging indent. A pipe gets each line whole.
 */
export function layOut(text: string, page: Page): string {
  return text
    .split('\n')
    .flatMap((line) => layOutLine(line, page))
    .join('\n')
}

function layOutLine(line: string, page: Page): string[] {
  const { prose, command } = splitCommand(line)
  const lines = wrap(prose, page)
  if (command === undefined) return lines
  const { lead } = anatomyOf(prose)
  return [...lines, `${continued(lead)}  ${page.strong(command)}`]
}

function wrap(line: string, { columns }: Page): string[] {
  if (columns < narrowest || line.includes('\t') || columnsOf(line) <= columns) return [line]
  return wrapLine(line, { width: columns, indent: hangingIndent(line, columns) })
}

/**
 * What a line begins with: blanks or branches, a mark, and a name and a time in columns. By their codes, as the bundle's patterns
 * are read as Latin-1.
 */
function anatomyOf(line: string): { lead: string; mark: string; column: string } {
  const shown = stripVTControlCharacters(line)
  const parts =
    /^(?<lead>[ \u2502\u251c\u2514\u2500|`-]*)(?<mark>(?:[\u2714\u2716\u00b7!?=]|\[[a-z]+\]) +)?(?<column>\S+ {2,}(?:[\d.]+ ms {2})?)?/.exec(
      shown,
    )?.groups ?? {}
  return { lead: parts.lead ?? '', mark: parts.mark ?? '', column: parts.column ?? '' }
}

/** Below the text of the line, or below its name where the columns are too few for that. */
function hangingIndent(line: string, columns: number): string {
  const { lead, mark, column } = anatomyOf(line)
  const start = continued(lead) + ' '.repeat(columnsOf(mark))
  const below = start + ' '.repeat(columnsOf(column))
  if (column !== '' && columnsOf(below) <= columns / 3) return below
  const inner = mark === '' ? `${start}  ` : start
  return columnsOf(inner) <= columns / 2 ? inner : '  '
}

/** Branches go past what is written below them. */
function continued(lead: string): string {
  return lead.replaceAll('├─', '│ ').replaceAll('└─', '  ').replaceAll('|-', '| ').replaceAll('`-', '  ')
}
