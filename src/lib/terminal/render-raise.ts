import type { RaiseReport, RaiseResult } from '../services/raise.ts'
import { visibleLine } from './sanitise.ts'
import type { Style } from './style.ts'

/** One line a subscriber, with the reason and the remedy below where it failed. */
export function renderRaise({ results }: RaiseReport, style: Style): string {
  return results.map((result) => renderResult(result, style)).join('')
}

function renderResult({ socket, outcome, ms }: RaiseResult, style: Style): string {
  const time = style.faint(`${ms} ms`)
  if (!('code' in outcome)) return `${style.good('✔')} ${socket}  ${outcome.status}  ${time}\n`
  const hint = outcome.hint ? `  ${visibleLine(outcome.hint)}\n` : ''
  return `${style.bad('✖')} ${socket}  ${style.bad(outcome.status)}  ${time}\n  ${visibleLine(outcome.reason)}\n${hint}`
}

/** The report as JSON (SPEC 4). */
export function raiseDocument({ event, payload, bytes, results, delivered, failed }: RaiseReport): object {
  return {
    event,
    payload,
    bytes,
    results: results.map(({ socket, outcome, ms }) => ({
      socket,
      status: outcome.status,
      ms,
      reason: 'code' in outcome ? outcome.reason : null,
      hint: ('code' in outcome && outcome.hint) || null,
    })),
    delivered,
    failed,
  }
}
