import type { ChosenContext } from '#lib/services/contexts/choose-context.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { shellWord } from '#lib/text/shell-word.ts'

export interface ContextSummary {
  readonly name: string
  /** Whether it is the one that commands work in now. */
  readonly current: boolean
  /** How many are live; null where their file is damaged. */
  readonly subscriptions: number | null
}

/** A line for each context; the current one has a mark. */
export function renderContexts(contexts: readonly ContextSummary[], style: Style): string {
  const rows = contexts.map(({ name, current, subscriptions }) => [
    current ? style.good('*') : ' ',
    current ? style.strong(name) : name,
    subscriptions === null ? style.bad('damaged') : String(subscriptions),
  ])
  return renderTable([[' ', ...['NAME', 'SUBSCRIPTIONS'].map(style.strong)], ...rows])
}

export interface ContextDetails extends ChosenContext {
  readonly subscriptions: number
  readonly tlsDomains: number
}

const origins = {
  flag: 'by --context',
  environment: 'by EVI_CONTEXT',
  use: 'by evi context use',
  default: 'as no other is chosen',
} as const

/** The context that a command works in, and what it holds. */
export function renderContext(context: ContextDetails, style: Style): string {
  const { name, from, directory, subscriptions, tlsDomains } = context
  return renderTable([
    [style.strong('context'), `${name} ${style.faint(origins[from])}`],
    [style.strong('directory'), visibleLine(directory)],
    [style.strong('subscriptions'), String(subscriptions)],
    [style.strong('TLS domains'), String(tlsDomains)],
  ])
}

/** The variable goes before what is chosen for all, which has no effect where it is set. */
export function renderContextUsed(name: string, variable: string | undefined, style: Style): string {
  const line = `${style.marks.ok} Commands now work in the context ${name}.\n`
  if (!variable || variable === name) return line
  return `${line}${style.marks.warning} In this shell EVI_CONTEXT=${shellWord(visibleLine(variable))} goes before it: unset EVI_CONTEXT\n`
}

/** What `evi context create` says. */
export function renderContextMade(name: string, style: Style): string {
  return `${style.marks.ok} Made the context ${name}. To work in it: evi context use ${name}\n`
}

/** What `evi context copy` says. */
export function renderContextCopied({ from, to }: { from: string; to: string }, style: Style): string {
  return `${style.marks.ok} Copied the context ${from} to ${to}. To work in it: evi context use ${to}\n`
}

/** What `evi context remove` says. */
export function renderContextRemoved(name: string, style: Style): string {
  return `${style.marks.ok} Removed the context ${name}.\n`
}
