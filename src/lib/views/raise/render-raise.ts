import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { printAddress, printAnswered, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { RaiseReport, RaiseResult } from '#lib/services/raise/raise-report.ts'
import type { Verification } from '#lib/services/raise/verify.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { columnsOf, padEnd } from '#lib/text/layout/columns.ts'
import { millisecondsText } from '#lib/text/numbers/duration.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { type FailedSocket, foldAlike, many, reasonOfMany, sortOfFailure } from '#lib/views/alike.ts'
import { renderRaiseSummary, renderSentAgain } from './render-raise-summary.ts'

export const raiseView = { json: raiseDocument, text: renderRaise }

/** For --quiet. */
export const failuresView = {
  json: raiseDocument,
  text: (report: RaiseReport, style: Style) => renderRaise(report, style, 'failed'),
}

/**
 * One line a subscriber, with the reason and the remedy below where it failed; one for many that failed alike. Where there
 * are many subscribers, those that failed come last, and a summary behind them.
 */
export function renderRaise(
  { results, counts }: RaiseReport,
  style: Style,
  shown: 'all' | 'failed' = 'all',
): string {
  const isLong = results.length >= many
  const failed = results.filter(hasFailed)
  const others = shown === 'failed' ? [] : results.filter((result) => !hasFailed(result))
  const isSummedUp = isLong || failed.length + others.length < results.length
  const sentAgain = isSummedUp || counts.resent > 1 ? 'mark' : 'sentence'
  return [
    renderResults(isSummedUp ? [...others, ...failed] : results, { style, sentAgain }),
    sentAgain === 'mark' ? renderSentAgain(counts, style) : '',
    isSummedUp ? renderRaiseSummary(results.length, counts, style) : '',
  ].join('')
}

function renderResults(results: readonly RaiseResult[], looks: Omit<Looks, 'widths'>): string {
  const folded = foldAlike(results, (result) => (hasFailed(result) ? sortOfFailure(asFailed(result)) : ''))
  const widths = widthsOf(folded.flatMap(([result, ...others]) => (others.length === 0 ? [result] : [])))
  return folded
    .map((alike) =>
      alike.length === 1
        ? renderResult(alike[0], { ...looks, widths })
        : renderMany(alike.filter(hasFailed), looks.style),
    )
    .join('')
}

/** How the line of a subscriber looks. */
interface Looks {
  readonly style: Style
  readonly widths: Widths
  /** How it shows that the event was sent again. */
  readonly sentAgain: 'mark' | 'sentence'
}

type FailedResult = RaiseResult & { readonly outcome: PublishFailure }

function hasFailed(result: RaiseResult): result is FailedResult {
  return 'code' in result.outcome
}

function asFailed({ socket, outcome }: FailedResult): FailedSocket {
  return { socket, failure: outcome }
}

function renderMany(results: readonly FailedResult[], style: Style): string {
  const [first, ...others] = results.map(asFailed)
  if (!first) return ''
  const { failure } = first
  const status = statusOf(failure)
  const { mark, paint } = toneOf(status, style)
  const ms = Math.max(...results.map((result) => result.ms))
  const reason = visibleLine(reasonOfMany([first, ...others]))
  return `${mark} ${count(results.length)} subscribers  ${paint(status)}  ${style.faint(millisecondsText(ms))}\n  ${reason}\n${indented(failure.hint)}`
}

function toneOf(status: string, style: Style) {
  return status === 'sent'
    ? { mark: style.marks.warning, paint: style.warn }
    : { mark: style.marks.failed, paint: style.bad }
}

function indented(remedy: string | undefined): string {
  return remedy ? `${visibleBlock(remedy, '  ')}\n` : ''
}

/** Of the columns, so that they stand below each other. */
interface Widths {
  readonly name: number
  readonly status: number
  readonly time: number
}

function widthsOf(results: readonly RaiseResult[]): Widths {
  const widest = (textOf: (result: RaiseResult) => string) =>
    results.reduce((width, result) => Math.max(width, columnsOf(textOf(result))), 0)
  return { name: widest(nameOf), status: widest(statusIn), time: widest(({ ms }) => millisecondsText(ms)) }
}

const nameOf = ({ socket, host }: RaiseResult) => printAnswered(socket, host)

const statusIn = ({ outcome, verified }: RaiseResult) => (verified ? 'verified' : statusOf(outcome))

function renderResult(result: RaiseResult, { style, widths, sentAgain }: Looks): string {
  const { socket, outcome, verified, ms } = result
  const name = padEnd(nameOf(result), widths.name)
  const status = statusIn(result)
  const blanks = ' '.repeat(widths.status - status.length)
  const again = result.resent && sentAgain === 'mark' ? `  ${style.warn('sent again')}` : ''
  const time = `${blanks}${style.faint(millisecondsText(ms).padStart(widths.time))}${again}`
  const twice = result.resent && sentAgain === 'sentence' ? `  ${sentTwice}\n` : ''
  if (!('code' in outcome)) {
    const proof = verified ? `  ${visibleLine(proofOf(socket, verified))}\n` : ''
    return `${style.marks.ok} ${name}  ${status}  ${time}\n${proof}${twice}`
  }
  const { mark, paint } = toneOf(status, style)
  return `${mark} ${name}  ${paint(status)}  ${time}\n  ${visibleLine(outcome.message)}\n${indented(outcome.hint)}${twice}`
}

const sentTwice =
  'It was sent again, as its channel was closed before the first one was answered; it may have arrived twice.'

/** A copy in evi's own queue does not show whether there is another one, but it is bound only where there is. */
function proofOf({ exchange, routingKey }: Socket, { by, ms, route }: Verification): string {
  if (exchange === '')
    return `Routed to the queue "${routingKey}" and confirmed after ${millisecondsText(ms)}.`
  const queues =
    route === null ? 'to see which queues take it: evi check --management URL' : route.replace(/\.$/, '')
  return by === 'copy'
    ? `A copy left the exchange "${exchange}" after ${millisecondsText(ms)}; ${queues}${route === null ? '' : '.'}`
    : `The exchange "${exchange}" routed it to a queue at least, which confirmed it after ${millisecondsText(ms)}; ${queues}${route === null ? '' : '.'}`
}

/** The report as JSON; only what was confirmed is delivered. */
export function raiseDocument({ event, payload, bytes, results, counts }: RaiseReport): object {
  const { failed, ...others } = counts
  return {
    event,
    payload,
    bytes,
    results: results.map(({ socket, host, outcome, verified, resent, ms }) => ({
      socket: printSocket(socket),
      status: statusOf(outcome),
      ms,
      reason: 'code' in outcome ? outcome.message : null,
      hint: ('code' in outcome ? outcome.hint : undefined) ?? null,
      host: host && printAddress(host),
      verified,
      resent,
      mayHaveArrived: 'code' in outcome && outcome.mayHaveArrived === true,
    })),
    delivered: counts.confirmed,
    failed,
    ...others,
  }
}
