import type { SocketTally } from '#lib/services/tail/tally.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { durationText } from '#lib/text/numbers/duration.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import type { SourceLabels } from './source-labels.ts'

type Totals = Omit<SocketTally, 'socket'>

/** What came in all and, of several sockets, from each of them. @param seconds that were watched */
export function renderSummary(
  sockets: readonly SocketTally[],
  { labels, seconds }: { readonly labels: SourceLabels; readonly seconds: number },
): string {
  const totals: Totals = {
    seen: sum(sockets, 'seen'),
    shown: sum(sockets, 'shown'),
    skipped: sum(sockets, 'skipped'),
    lost: sum(sockets, 'lost'),
  }
  const [came, ...details] = partsOf(totals)
  const line = `Seen in ${durationText(seconds)}: ${[came, ...details].join(', ')}.\n`
  if (sockets.length === 1) return line
  return (
    line + renderTable(sockets.map((tally) => [`  ${labels.of(tally.socket)}`, partsOf(tally).join(', ')]))
  )
}

function partsOf({ seen, shown, skipped, lost }: Totals): readonly string[] {
  const events = seen === 1 ? '1 event' : `${seen === 0 ? 'no' : count(seen)} events`
  return [
    events,
    ...(skipped > 0 ? [`${count(shown)} shown`, `${count(skipped)} skipped by --where`] : []),
    ...(lost > 0 ? [`connection lost ${lost === 1 ? 'once' : `${count(lost)} times`}`] : []),
  ]
}

function sum(sockets: readonly SocketTally[], field: keyof Totals): number {
  return sockets.reduce((total, tally) => total + tally[field], 0)
}
