import { statusOf } from '#lib/domain/failure/failure.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type {
  DeliveryCounts,
  LineFailure,
  ReportedLine,
  StreamReport,
} from '#lib/services/raise-stream/stream-listener.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { type FailedSocket, reasonOfMany } from '#lib/views/alike.ts'

/** Lines that failed alike, after the first. */
export interface AlikeLines {
  readonly first: number
  readonly last: number
  readonly count: number
  /** The most subscribers of one line, where they are shown as a number. */
  readonly subscribers: number | undefined
}

/** A line that a subscriber did not get, or may not get: why, where the message says it, and what to do about it. */
export function renderLine({ number }: ReportedLine, { socket, failure }: LineFailure, style: Style): string {
  const status = statusOf(failure)
  const { mark, paint } = toneOf(status, style)
  const start = `${mark} line ${number}: `
  const remedy = remedyOf(failure)
  if (socket === undefined) return `${start}${visibleLine(failure.message)}\n${remedy}`
  return `${start}${printSocket(socket)}  ${paint(status)}\n${reasonLine(failure.message)}${remedy}`
}

/** A line that many subscribers did not get, all alike. */
export function renderMany(
  { number }: ReportedLine,
  results: readonly [FailedSocket, ...FailedSocket[]],
  style: Style,
): string {
  const [{ failure }] = results
  const status = statusOf(failure)
  const { mark, paint } = toneOf(status, style)
  const remedy = remedyOf(failure)
  const reason = reasonLine(reasonOfMany(results))
  return `${mark} line ${number}: ${count(results.length)} subscribers  ${paint(status)}\n${reason}${remedy}`
}

function reasonLine(reason: string): string {
  return reason === '' ? '' : `  ${visibleLine(reason)}\n`
}

function remedyOf({ hint }: Pick<LineFailure['failure'], 'hint'>): string {
  return hint ? `${visibleBlock(hint, '  ')}\n` : ''
}

/** Lines that failed as one before did. */
export function renderAlike(
  { first, last, count: number, subscribers }: AlikeLines,
  result: LineFailure,
  style: Style,
) {
  const gapless = number === last - first + 1
  const lines =
    number === 1
      ? `line ${first}`
      : gapless
        ? `lines ${first} to ${last}`
        : `${count(number)} lines from ${first} to ${last}`
  const status = statusOfLine(result)
  const { mark, paint } = toneOf(status, style)
  const said = result.fault === 'bad-line' ? 'not valid, so not sent' : status
  return `${mark} ${lines}: ${whoseOf(result.socket, subscribers)}${paint(said)}\n`
}

function whoseOf(socket: LineFailure['socket'], subscribers: number | undefined): string {
  if (subscribers === undefined) return socket ? `${printSocket(socket)}  ` : ''
  return subscribers === 1 ? 'other subscribers  ' : `${count(subscribers)} subscribers  `
}

/** What may still arrive is no failure. */
function toneOf(status: string, style: Style) {
  return status === 'sent'
    ? { mark: style.marks.warning, paint: style.warn }
    : { mark: style.marks.failed, paint: style.bad }
}

/** The stream's end in one line, and what may have arrived twice in another. */
export function renderStreamReport(report: StreamReport, ms: number, style: Style): string {
  const { read, sent, confirmed, failed, confirm, deliveries } = report
  const mark = failed > 0 ? style.marks.failed : report.unknown > 0 ? style.marks.warning : style.marks.ok
  const perSecond = Math.round(read / (ms / 1000))
  const rate = read > 1 && perSecond > 0 ? `, ${count(perSecond)}/s` : ''
  const time = style.faint(`${(ms / 1000).toFixed(1)} s${rate}`)
  const forSeveral = deliveries.sent + deliveries.confirmed + deliveries.failed > read
  const differ = forSeveral || deliveries.confirmed !== confirmed || deliveries.sent !== sent
  const toAll = { confirmed: ' by all subscribers', sent: ' to all subscribers' }
  const counted = [
    `${count(read)} read`,
    ...served({ confirmed, sent }, confirm, differ && failed > 0 ? toAll : undefined),
    `${count(failed)} failed`,
  ]
  const details = (['returned', 'rejected', 'unknown'] as const)
    .filter((name) => report[name] > 0)
    .map((name) => `${count(report[name])} ${name}`)
  const reasons = details.length > 0 ? ` (${details.join(', ')})` : ''
  const copies = differ ? `; ${renderDeliveries(deliveries, confirm)}` : ''
  return `${mark} ${counted.join(', ')}${reasons}${copies}  ${time}\n${renderSentAgain(report, style)}`
}

function served(
  { confirmed, sent }: Pick<DeliveryCounts, 'confirmed' | 'sent'>,
  confirm: boolean,
  whom = { confirmed: '', sent: '' },
): readonly string[] {
  return [
    ...(confirm ? [`${count(confirmed)} confirmed${whom.confirmed}`] : []),
    ...(!confirm || sent > 0 ? [`${count(sent)} sent${whom.sent}`] : []),
  ]
}

/** Where a line is for several subscribers: `14,997 of 15,000 deliveries confirmed`. */
function renderDeliveries(deliveries: DeliveryCounts, confirm: boolean): string {
  const { sent, confirmed, failed } = deliveries
  const [first, ...others] = served(deliveries, confirm)
  const total = `of ${count(sent + confirmed + failed)} deliveries`
  return [first?.replace(' ', ` ${total} `), ...others].join(', ')
}

function renderSentAgain({ resent, deliveries }: StreamReport, style: Style): string {
  if (resent === 0) return ''
  const which =
    deliveries.resent === resent ? 'of them' : `of the lines (${count(deliveries.resent)} deliveries)`
  return `${style.marks.warning} ${count(resent)} ${which} sent again, unconfirmed the first time; they may have arrived twice.\n`
}

/** A line that a subscriber did not get, or may not get, as JSON. */
export function lineDocument({ number, event, results }: ReportedLine): object {
  return {
    line: number,
    event: event ?? null,
    results: results.map(documentOf),
  }
}

function documentOf(result: LineFailure): object {
  const { message, hint, mayHaveArrived = false } = result.failure
  return {
    socket: result.socket ? printSocket(result.socket) : null,
    status: statusOfLine(result),
    reason: message,
    hint: hint ?? null,
    mayHaveArrived,
  }
}

/** What became of a line, in a word. */
export function statusOfLine({ fault, failure }: LineFailure): string {
  return fault ?? statusOf(failure)
}

/** The stream's end as JSON; only what was confirmed is delivered. */
export function streamDocument(report: StreamReport, ms: number): object {
  const { read, sent, confirmed, failed, returned, rejected, unknown, resent, deliveries, exit } = report
  const counts = { read, delivered: confirmed, failed, sent, confirmed, returned, rejected, unknown, resent }
  return { summary: { ...counts, deliveries, ms: Math.round(ms), exit } }
}
