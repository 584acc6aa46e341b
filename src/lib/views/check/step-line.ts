import { markColumn, type Status, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'
import { millisecondsText } from '#lib/text/numbers/duration.ts'

/** A step as it is shown, on OpenSIPS's side or a broker's. */
interface ShownStep {
  readonly step: string
  readonly status: Status
  readonly found: string
  readonly ms?: number | undefined
  readonly reason?: string | undefined
  readonly hint?: string | undefined
}

/** A step in a line; where it did not pass, why and what to do. @param nameWidth of the column with the steps' names */
export function renderStepLine(
  { step, status, found, ms, reason, hint }: ShownStep,
  {
    indent,
    nameWidth,
    style,
  }: { readonly indent: string; readonly nameWidth: number; readonly style: Style },
): string {
  const mark = markColumn(status, style)
  const paint = status === 'failed' ? style.bad : (text: string) => text
  const said = [found && visibleLine(found), reason && paint(visibleLine(reason))]
  const [first = '', ...more] = [...said, ...(hint?.split('\n').map(visibleLine) ?? [])].filter(Boolean)
  const time = ms === undefined ? '' : `  ${style.faint(millisecondsText(ms))}`
  const line = `${indent}${mark} ${step.padEnd(nameWidth)}  ${first}${time}\n`
  const below = indent + ' '.repeat(columnsOf(mark) + 1 + nameWidth)
  return line + more.map((text) => `${below}  ${text}\n`).join('')
}
