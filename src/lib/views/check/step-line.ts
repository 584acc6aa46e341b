import { markOf, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** A step as it is shown, on OpenSIPS's side or a broker's. */
interface ShownStep {
  readonly step: string
  readonly status: Parameters<typeof markOf>[0]
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
  const [first = '', ...more] = [found, reason, ...(hint?.split('\n') ?? [])].filter(Boolean).map(String)
  const time = ms === undefined ? '' : `  ${style.faint(`${ms} ms`)}`
  const line = `${indent}${markOf(status, style)} ${step.padEnd(nameWidth)}  ${visibleLine(first)}${time}\n`
  return line + more.map((text) => `${indent}  ${' '.repeat(nameWidth)}  ${visibleLine(text)}\n`).join('')
}
