import { printSocket } from '#lib/domain/socket/socket.ts'
import type { RaiseByOpenSipsReport } from '#lib/services/opensips/raise-by-opensips.ts'
import type { ProvenSubscriber } from '#lib/services/opensips/watch/proven-subscriber.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { millisecondsText } from '#lib/text/numbers/duration.ts'

export const raiseByOpenSipsView = { json: raiseByOpenSipsDocument, text: renderRaiseByOpenSips }

/** One line for each subscriber of OpenSIPS, with the reason and the remedy below. */
function renderRaiseByOpenSips(report: RaiseByOpenSipsReport, style: Style): string {
  const { openSips, results, others, attempts } = report
  const head = `${style.strong(visibleLine(openSips.version))} at ${visibleLine(openSips.url)}\n`
  const lines = results.map((result) => renderResult(result, style))
  const unproven = others.map((other) => `${style.marks.unknown} ${visibleLine(other)}  not watched\n`)
  return [head, ...lines, ...unproven, noteOnAttempts(attempts, results)].join('')
}

function renderResult(result: ProvenSubscriber, style: Style): string {
  const { printed, status, ms, reason, hint } = result
  const name = visibleLine(result.socket === null ? printed : printSocket(result.socket))
  const time = ms === null ? '' : `  ${style.faint(millisecondsText(ms))}`
  const second = result.attempt === 2 ? ' at the second attempt' : ''
  const [mark, paint] = looks(result, style)
  const more = [reason, hint].flatMap((text) => (text ? [`${visibleBlock(text, '  ')}\n`] : []))
  return `${mark} ${name}  ${paint(status)}${second}${time}\n${more.join('')}`
}

function looks(
  { status, code }: ProvenSubscriber,
  style: Style,
): readonly [mark: string, paint: (text: string) => string] {
  if (status === 'unseen' || status === 'counted') return [style.marks.unknown, style.warn]
  return code === undefined ? [style.marks.ok, (text) => text] : [style.marks.failed, style.bad]
}

function noteOnAttempts(attempts: number, results: readonly ProvenSubscriber[]): string {
  if (attempts === 1) return ''
  const late = results.some(({ attempt }) => attempt === 2)
  const why = late
    ? 'The first was lost: OpenSIPS loses the next event after its connection was cut. The second arrived.'
    : 'It was raised twice.'
  const twice = results.some(({ attempt }) => attempt === 1)
  return `${why}${twice ? ' Those that got the first got it twice.' : ''}\n`
}

/** The report as JSON. */
function raiseByOpenSipsDocument(report: RaiseByOpenSipsReport): object {
  const { event, payload, bytes, openSips, attempts, results, others } = report
  const numberOf = (wanted: ProvenSubscriber['status']) =>
    results.filter(({ status }) => status === wanted).length
  const failed = results.filter(({ code }) => code !== undefined).length
  return {
    event,
    payload,
    bytes,
    opensips: openSips,
    attempts,
    results: results.map(({ printed, socket, status, attempt, ms, reason, hint }) => ({
      subscriber: printed,
      socket: socket && printSocket(socket),
      status,
      attempt,
      ms,
      reason,
      hint,
    })),
    others,
    arrived: numberOf('arrived'),
    counted: numberOf('counted'),
    failed,
  }
}
