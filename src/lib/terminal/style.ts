import type { ChalkInstance } from 'chalk'
import { columnsOf, padEnd } from '#lib/text/layout/columns.ts'
import { type Marks, marksFor } from './marks.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Paint = (text: string) => string

/** How text looks on one stream; where there are no colours, each function returns the text as it is. */
export interface Style {
  readonly good: Paint
  readonly bad: Paint
  readonly warn: Paint
  readonly strong: Paint
  readonly faint: Paint
  /** In their colours. */
  readonly marks: Marks
}

const asIs: Paint = (text) => text

/** Undefined until a stream has colours. */
let chalk: ChalkInstance | undefined

/** Loads chalk where one of the streams has colours; before, `styleFor` knows none. */
export async function loadColours(
  streams: readonly { isTTY?: boolean }[],
  environment: Environment,
): Promise<void> {
  if (!streams.some((stream) => hasColours(stream, environment))) return
  const { Chalk } = await import('chalk')
  // Whether there are colours is decided here, not by chalk.
  chalk = new Chalk({ level: 1 })
}

// One argument each, as `map` gives more. Yellow cannot be read on a light background, magenta can on both.
const colours = {
  good: (text) => chalk?.green(text) ?? text,
  bad: (text) => chalk?.red(text) ?? text,
  warn: (text) => chalk?.magenta(text) ?? text,
  strong: (text) => chalk?.bold(text) ?? text,
  faint: (text) => chalk?.dim(text) ?? text,
} satisfies Omit<Style, 'marks'>

const plain = { good: asIs, bad: asIs, warn: asIs, strong: asIs, faint: asIs }

/** The style of a stream: colours where `hasColours`, marks by the locale. */
export function styleFor(stream: { isTTY?: boolean }, environment: Environment): Style {
  const paints = hasColours(stream, environment) ? colours : plain
  const marks = marksFor(environment)
  return {
    ...paints,
    marks: {
      ...marks,
      ok: paints.good(marks.ok),
      failed: paints.bad(marks.failed),
      warning: paints.warn(marks.warning),
      unknown: paints.warn(marks.unknown),
      same: paints.good(marks.same),
      note: paints.faint(marks.note),
    },
  }
}

/** Colours on a terminal only, but for FORCE_COLOR (force-color.org) and NO_COLOR (no-color.org), which `--color` sets. */
function hasColours(
  { isTTY = false }: { isTTY?: boolean },
  { FORCE_COLOR, NO_COLOR, TERM }: Environment,
): boolean {
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTTY && !NO_COLOR && TERM !== 'dumb'
}

export type Status = 'passed' | 'warning' | 'hidden' | 'unknown' | 'failed'

/** How a step or a place on a wiring went, in one mark. */
export function markOf(status: Status, { marks }: Style): string {
  if (status === 'passed') return marks.ok
  if (status === 'failed') return marks.failed
  return status === 'warning' ? marks.warning : marks.unknown
}

/** The same, as wide as the widest of them, for the first column of a list. */
export function markColumn(status: Status, style: Style): string {
  const { ok, failed, warning, unknown } = style.marks
  const widest = Math.max(...[ok, failed, warning, unknown].map(columnsOf))
  return padEnd(markOf(status, style), widest)
}
