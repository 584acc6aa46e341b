import type { RaiseCounts } from '#lib/services/raise/raise-report.ts'
import type { Style } from '#lib/terminal/style.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** The last line of a raise: `5,000 subscribers: 4,998 confirmed, 2 failed (1 returned, 1 rejected)`. */
export function renderRaiseSummary(subscribers: number, counts: RaiseCounts, style: Style): string {
  const total = style.strong(`${count(subscribers)} subscriber${subscribers === 1 ? '' : 's'}`)
  const failed = counts.failed > 0 ? [style.bad(`${count(counts.failed)} failed`)] : []
  const parts = [...counted(counts, ['confirmed', 'sent']), ...failed]
  const details = counted(counts, ['returned', 'rejected', 'unknown'])
  return `${total}: ${parts.join(', ')}${details.length > 0 ? ` (${details.join(', ')})` : ''}\n`
}

function counted(counts: RaiseCounts, names: readonly (keyof RaiseCounts)[]): readonly string[] {
  return names.filter((name) => counts[name] > 0).map((name) => `${count(counts[name])} ${name}`)
}

/** Those that may have got the event twice, as a number. */
export function renderSentAgain({ resent }: RaiseCounts, style: Style): string {
  if (resent === 0) return ''
  const [subscribers, there] = resent === 1 ? ['subscriber', ''] : ['subscribers', ' there']
  return `${style.marks.warning} It was sent again to ${count(resent)} ${subscribers}, as its channel was closed before the first one was answered; it may have arrived${there} twice.\n`
}
