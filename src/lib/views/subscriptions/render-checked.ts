import { printSocket } from '#lib/domain/socket/socket.ts'
import { timeToLive } from '#lib/domain/subscription/subscription.ts'
import { decisiveStep, verdictOf } from '#lib/services/check/verdict.ts'
import type { CheckedSubscription } from '#lib/services/subscriptions/checked-subscriptions.ts'
import { markOf, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { renderCounts } from '#lib/views/check/check-summary.ts'
import { describeTtl, subscriptionDocument } from './render-subscriptions.ts'

/** The table of `evi list --check`: in its first column a mark, and the step that it is for; then the counts. */
export function renderCheckedSubscriptions(
  checked: readonly CheckedSubscription[],
  now: Date,
  style: Style,
): string {
  const rows = checked.map(({ subscription, check: { steps } }) => [
    [markOf(verdictOf(steps), style), decisiveStep(steps)?.step ?? ''].join(' ').trimEnd(),
    visibleLine(subscription.event),
    printSocket(subscription.socket),
    style.faint(describeTtl(timeToLive(subscription, now))),
  ])
  const table = renderTable([['CHECK', 'EVENT', 'SOCKET', 'TIME TO LIVE'].map(style.strong), ...rows])
  const verdicts = checked.map(({ check }) => verdictOf(check.steps))
  const why = verdicts.includes('failed') ? '. Why: evi check --failed' : ''
  return `${table}\n${renderCounts(verdicts, 'subscription', style)}${why}\n`
}

/** The same as JSON. */
export function checkedDocument(checked: readonly CheckedSubscription[], now: Date): object {
  return {
    subscriptions: checked.map(({ subscription, check: { steps, failure } }) => {
      const { step = null, reason = null, hint = null } = decisiveStep(steps) ?? {}
      const check = { status: verdictOf(steps), step, code: failure ?? null, reason, hint }
      return { ...subscriptionDocument(subscription, now), check }
    }),
  }
}
