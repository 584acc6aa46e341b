import { hintForEvent } from '#lib/domain/failure/remedies.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type {
  LineFailure,
  StreamReport,
  UndeliveredLine,
} from '#lib/services/raise-stream/stream-listener.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/thousands.ts'

/** Lines that failed alike, after the first. */
export interface AlikeLines {
  readonly first: number
  readonly last: number
  readonly count: number
}

/** A line that somebody did not get: why, and what to do about it. */
export function renderUndelivered(
  { number, event }: UndeliveredLine,
  { socket, failure }: LineFailure,
  style: Style,
): string {
  const start = `${style.bad('✖')} line ${number}: `
  const hint = failure.hint && (event ? hintForEvent(failure.hint, event) : failure.hint)
  const remedy = hint ? `  ${visibleBlock(hint).replaceAll('\n', '\n  ')}\n` : ''
  if (socket === undefined) return `${start}${visibleLine(failure.reason)}\n${remedy}`
  return `${start}${printSocket(socket)}  ${style.bad(failure.status)}\n  ${visibleLine(failure.reason)}\n${remedy}`
}

/** Lines that failed as one before did. */
export function renderAlike(
  { first, last, count: number }: AlikeLines,
  { socket, failure }: LineFailure,
  style: Style,
) {
  const gapless = number === last - first + 1
  const lines =
    number === 1
      ? `line ${first}`
      : gapless
        ? `lines ${first} to ${last}`
        : `${count(number)} lines from ${first} to ${last}`
  return `${style.bad('✖')} ${lines}: ${socket ? `${printSocket(socket)}  ` : ''}${style.bad(failure.status)}\n`
}

/** The stream's end in one line. */
export function renderStreamReport(
  { read, delivered, failed }: StreamReport,
  ms: number,
  style: Style,
): string {
  const mark = failed === 0 ? style.good('✔') : style.bad('✖')
  const rate = read > 1 ? `, ${count(Math.round(read / (ms / 1000)))}/s` : ''
  const time = style.faint(`${(ms / 1000).toFixed(1)} s${rate}`)
  return `${mark} ${count(read)} read, ${count(delivered)} delivered, ${count(failed)} failed  ${time}\n`
}

/** A line that somebody did not get, as JSON. */
export function undeliveredDocument({ number, event, results }: UndeliveredLine): object {
  return {
    line: number,
    event: event ?? null,
    results: results.map(({ socket, failure: { status, reason, hint } }) => ({
      socket: socket ? printSocket(socket) : null,
      status,
      reason,
      hint: hint && event ? hintForEvent(hint, event) : (hint ?? null),
    })),
  }
}

/** The stream's end as JSON. */
export function streamDocument({ read, delivered, failed, exit }: StreamReport, ms: number): object {
  return { summary: { read, delivered, failed, ms: Math.round(ms), exit } }
}
