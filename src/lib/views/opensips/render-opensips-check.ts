import { printSocket } from '#lib/domain/socket/socket.ts'
import type { OpenSipsCheck } from '#lib/services/opensips/check-opensips.ts'
import type { OpenSipsStep } from '#lib/services/opensips/opensips-step.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderStepLine } from '#lib/views/check/step-line.ts'

/** As wide as the longest name of a step; only one of the steps has a time. */
const columns = { nameWidth: 'subscribed'.length, timeWidth: 0 }

/** OpenSIPS's side, before those of the brokers. */
export function renderOpenSipsCheck({ url, reached, checks }: OpenSipsCheck, style: Style): string {
  const head = `${style.strong(visibleLine(`OpenSIPS at ${url}`))}\n${renderStepLine(reached, { ...columns, indent: '  ', style })}`
  const parts = checks.map(({ event, socket, steps }) => {
    const name = event === undefined ? '' : `${visibleLine(event)} ${style.marks.arrow} `
    return `  ${name}${visibleLine(printSocket(socket))}\n${steps.map((step) => renderStepLine(step, { ...columns, indent: '    ', style })).join('')}`
  })
  return head + parts.join('')
}

/** The `opensips` member of the report. */
export function openSipsCheckDocument({ url, version, reached, checks }: OpenSipsCheck): object {
  const document = ({ step, status, ms, found, reason, hint, code }: OpenSipsStep) => ({
    step,
    status,
    ms: ms ?? null,
    found: found || null,
    reason: reason ?? null,
    hint: hint ?? null,
    code: code ?? null,
  })
  return {
    url,
    version,
    steps: [document(reached)],
    checks: checks.map(({ event, socket, steps }) => ({
      event: event ?? null,
      socket: printSocket(socket),
      ok: steps.every(({ status }) => status !== 'failed'),
      steps: steps.map(document),
    })),
  }
}
