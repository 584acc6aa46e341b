import type { SocketTally, Tally } from '#lib/services/tail/tally.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { durationText } from '#lib/text/numbers/duration.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'
import type { SourceLabels } from './source-labels.ts'

type Totals = Omit<SocketTally, 'socket' | 'isAway' | 'isNew'> & { readonly end?: string | undefined }

/** Of more sockets than these, those with the most events are named. */
const mostNamed = 20

/**
 * What came in all and, of several sockets, from each of them: many of which the same is to be said are one line, and so
 * are those beyond the first few.
 *
 * @param seconds that were watched
 */
export function renderSummary(
  { sockets, losses }: Pick<Tally, 'sockets' | 'losses'>,
  { labels, seconds }: { readonly labels: SourceLabels; readonly seconds: number },
): string {
  const [came, ...details] = partsOf({ ...totalsOf(sockets), lost: losses })
  const line = `Seen in ${durationText(seconds)}: ${[came, ...details].join(', ')}.\n`
  if (sockets.length === 1) return line
  return line + renderTable(rowsOf(sockets, labels).map(([name, said]) => [`  ${name}`, said]))
}

function rowsOf(
  sockets: readonly SocketTally[],
  labels: SourceLabels,
): readonly (readonly [string, string])[] {
  const groups = [...Map.groupBy(sockets, saidOf)]
  const alike = groups.filter(([, tallies]) => tallies.length >= many)
  const folded = new Set(alike.flatMap(([, tallies]) => tallies))
  const few = sockets.filter((tally) => !folded.has(tally))
  const most = new Set(few.toSorted((one, other) => other.seen - one.seen).slice(0, mostNamed))
  const others = few.filter((tally) => !most.has(tally))
  return [
    ...few.flatMap((tally) => (most.has(tally) ? [[labels.of(tally.socket), saidOf(tally)] as const] : [])),
    ...(others.length > 0
      ? [[`${count(others.length)} others`, `${partsOf(totalsOf(others)).join(', ')} in all`] as const]
      : []),
    ...alike.map(([said, tallies]) => [`${count(tallies.length)} sockets`, `${said} each`] as const),
  ]
}

function saidOf(tally: SocketTally): string {
  return tally.isNew ? 'not watched' : partsOf(totalsOf([tally])).join(', ')
}

/** A connection that was lost is one loss, though each of its sockets counts it. */
function totalsOf(sockets: readonly SocketTally[]): Totals {
  return {
    seen: sum(sockets, 'seen'),
    shown: sum(sockets, 'shown'),
    skipped: sum(sockets, 'skipped'),
    lost: sockets.reduce((most, { lost }) => Math.max(most, lost), 0),
    end: endOf(sockets),
  }
}

/** A watch that is cut when tail ends has seen nothing of what came since. */
function endOf(sockets: readonly SocketTally[]): string | undefined {
  const away = sockets.filter(({ isAway }) => isAway).length
  if (away === 0) return undefined
  return away === sockets.length
    ? 'not watched at the end'
    : `${count(away)} of ${count(sockets.length)} sockets not watched at the end`
}

function partsOf({ seen, shown, skipped, lost, end }: Totals): readonly string[] {
  const events = seen === 1 ? '1 event' : `${seen === 0 ? 'no' : count(seen)} events`
  return [
    events,
    ...(skipped > 0 ? [`${count(shown)} shown`, `${count(skipped)} skipped by --where`] : []),
    ...(lost > 0 ? [`watching interrupted ${lost === 1 ? 'once' : `${count(lost)} times`}`] : []),
    ...(end === undefined ? [] : [end]),
  ]
}

function sum(sockets: readonly SocketTally[], field: 'seen' | 'shown' | 'skipped'): number {
  return sockets.reduce((total, tally) => total + tally[field], 0)
}
