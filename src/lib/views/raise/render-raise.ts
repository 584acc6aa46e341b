import { hintForEvent } from '#lib/domain/failure/remedies.ts'
import { printAddress, printAnswered, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { RaiseReport, RaiseResult } from '#lib/services/raise/raise.ts'
import type { Verification } from '#lib/services/raise/verify.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'

/** One line a subscriber, with the reason and the remedy below where it failed. */
export function renderRaise({ event, results }: RaiseReport, style: Style): string {
  return results.map((result) => renderResult(event, result, style)).join('')
}

function renderResult(event: string, result: RaiseResult, style: Style): string {
  const { socket, host, outcome, verified, ms } = result
  const answered = printAnswered(socket, host)
  const time = style.faint(`${ms} ms`)
  if (!('code' in outcome)) {
    const proof = verified ? `  ${visibleLine(proofOf(socket, verified))}\n` : ''
    return `${style.good('✔')} ${answered}  ${verified ? 'verified' : outcome.status}  ${time}\n${proof}`
  }
  const remedy = outcome.hint && hintForEvent(outcome.hint, event)
  const hint = remedy ? `  ${visibleBlock(remedy).replaceAll('\n', '\n  ')}\n` : ''
  const [mark, paint] =
    outcome.status === 'sent' ? [style.warn('!'), style.warn] : [style.bad('✖'), style.bad]
  return `${mark} ${answered}  ${paint(outcome.status)}  ${time}\n  ${visibleLine(outcome.reason)}\n${hint}`
}

/** A copy in evi's own queue does not show whether there is another one, but it is bound only where there is. */
function proofOf({ exchange, routingKey }: Socket, { by, ms, route }: Verification): string {
  if (exchange === '') return `Routed to the queue "${routingKey}" and confirmed after ${ms} ms.`
  const queues =
    route === null ? 'to see which queues take it: evi check --management URL' : route.replace(/\.$/, '')
  return by === 'copy'
    ? `A copy left the exchange "${exchange}" after ${ms} ms; ${queues}${route === null ? '' : '.'}`
    : `The exchange "${exchange}" routed it to a queue at least, which confirmed it after ${ms} ms; ${queues}${route === null ? '' : '.'}`
}

/** The report as JSON; only what was confirmed is delivered. */
export function raiseDocument({ event, payload, bytes, results, counts }: RaiseReport): object {
  const { failed, ...others } = counts
  return {
    event,
    payload,
    bytes,
    results: results.map(({ socket, host, outcome, verified, ms }) => ({
      socket: printSocket(socket),
      status: outcome.status,
      ms,
      reason: 'code' in outcome ? outcome.reason : null,
      hint: 'code' in outcome && outcome.hint ? hintForEvent(outcome.hint, event) : null,
      host: host && printAddress(host),
      verified,
      mayHaveArrived: 'code' in outcome && outcome.mayHaveArrived === true,
    })),
    delivered: counts.confirmed,
    failed,
    ...others,
  }
}
