import { layOut } from '#lib/terminal/lay-out.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'

/** oclif wraps for no terminal that is narrower. */
const narrowest = 40
/** Columns by which oclif indents the texts of flags further than it takes into account. */
const overlooked = 2

/** For oclif's help: the width to wrap at so that no flag's text is wider than the terminal. */
export function wrapWidth(columns: number): number {
  return Math.max(columns, narrowest) - overlooked
}

/** What oclif's help does not wrap, broken between words; a command without a text beside it stays on its line, to be copied. */
export function fitHelp(text: string, columns: number): string {
  const asIs = (one: string) => one
  return text
    .split('\n')
    .map((line) =>
      columnsOf(line) <= columns || /^ *\$ (?!.*\S {2})/.test(line)
        ? line
        : layOut(line, { columns, strong: asIs }),
    )
    .join('\n')
}
