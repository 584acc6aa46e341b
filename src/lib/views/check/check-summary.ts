import type { CheckReport } from '#lib/services/check/check.ts'
import { type Verdict, verdictOf } from '#lib/services/check/verdict.ts'
import type { Style } from '#lib/terminal/style.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import type { EventsOf } from './render-check.ts'

const words: Readonly<Record<Verdict, string>> = {
  passed: 'ok',
  warning: 'with a warning',
  unknown: 'not fully checked',
  failed: 'broken',
}

/** The last line of a check: `7 subscriptions: 3 ok, 1 with a warning, 3 broken`. */
export function renderSummary(
  report: CheckReport,
  {
    eventsOf,
    openSipsFailures,
    isLoginOnly,
    style,
  }: {
    readonly eventsOf: EventsOf
    readonly openSipsFailures: number
    readonly isLoginOnly: boolean
    readonly style: Style
  },
): string {
  const subscribed = report.checks.flatMap(({ socket, steps }) => {
    const events = isLoginOnly ? [] : eventsOf(socket)
    return Array.from({ length: Math.max(events.length, 1) }, () => ({
      verdict: verdictOf(steps),
      isStored: events.length > 0,
    }))
  })
  const stored = subscribed.every(({ isStored }) => isStored) ? 'subscription' : 'socket'
  const thing = isLoginOnly ? 'login' : stored
  const counts = renderCounts(
    subscribed.map(({ verdict }) => verdict),
    thing,
    style,
  )
  const side = `; on OpenSIPS's side: ${style.bad(`${count(openSipsFailures)} broken`)}`
  return `${counts}${openSipsFailures === 0 ? '' : side}\n`
}

/** How many things have which verdict: `3 sockets: 2 ok, 1 broken`. */
export function renderCounts(verdicts: readonly Verdict[], thing: string, style: Style): string {
  const total = `${count(verdicts.length)} ${thing}${verdicts.length === 1 ? '' : 's'}`
  const parts = (['passed', 'warning', 'unknown', 'failed'] as const).flatMap((verdict) => {
    const many = verdicts.filter((one) => one === verdict).length
    if (many === 0) return []
    const text = many === verdicts.length && many === 1 ? words[verdict] : `${count(many)} ${words[verdict]}`
    return verdict === 'failed' ? style.bad(text) : text
  })
  return `${style.strong(total)}: ${parts.join(', ')}`
}
