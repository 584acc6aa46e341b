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

/** Of a column for times, which are not known when its first line is printed. */
export const timeWidth = '5000 ms'.length

interface StepColumns {
  readonly indent: string
  /** Of the column with the steps' names. */
  readonly nameWidth: number
  /** Of the column with their times; 0 without such a column. */
  readonly timeWidth: number
  readonly style: Style
}

/** A step in a line; where it did not pass, why and, below its name, what to do. */
export function renderStepLine(
  { step, status, found, ms, reason, hint }: ShownStep,
  { indent, nameWidth, timeWidth, style }: StepColumns,
): string {
  const mark = markColumn(status, style)
  const paint = status === 'failed' ? style.bad : (text: string) => text
  const said = [found && visibleLine(found), reason && paint(visibleLine(reason))]
  const [first = '', ...more] = [...said, ...(hint?.split('\n').map(visibleLine) ?? [])].filter(Boolean)
  const time =
    ms === undefined ? ' '.repeat(timeWidth) : style.faint(millisecondsText(ms).padStart(timeWidth))
  const cells = [step.padEnd(nameWidth), time, first].filter(Boolean)
  const below = indent + ' '.repeat(columnsOf(mark) + 1)
  return `${indent}${mark} ${cells.join('  ').trimEnd()}\n${more.map((text) => `${below}${text}\n`).join('')}`
}
