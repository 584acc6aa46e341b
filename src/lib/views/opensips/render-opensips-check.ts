import { printSocket } from '#lib/domain/socket/socket.ts'
import type { OpenSipsCheck } from '#lib/services/opensips/check-opensips.ts'
import type { OpenSipsStep } from '#lib/services/opensips/opensips-step.ts'
import { markOf, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** As wide as the longest name of a step. */
const nameWidth = 'subscribed'.length

/** OpenSIPS's side, before those of the brokers. */
export function renderOpenSipsCheck({ url, reached, checks }: OpenSipsCheck, style: Style): string {
  const head = `${style.strong(visibleLine(`OpenSIPS at ${url}`))}\n${renderStep(reached, '  ', style)}`
  const parts = checks.map(({ event, socket, steps }) => {
    const name = event === undefined ? '' : `${visibleLine(event)} → `
    return `  ${name}${visibleLine(printSocket(socket))}\n${steps.map((step) => renderStep(step, '    ', style)).join('')}`
  })
  return head + parts.join('')
}

function renderStep(step: OpenSipsStep, indent: string, style: Style): string {
  const hints = step.hint?.split('\n') ?? []
  const [first = '', ...more] = [step.found, step.reason, ...hints].filter(Boolean).map(String)
  const ms = step.ms === undefined ? '' : `  ${style.faint(`${step.ms} ms`)}`
  const line = `${indent}${markOf(step.status, style)} ${step.step.padEnd(nameWidth)}  ${visibleLine(first)}${ms}\n`
  return line + more.map((text) => `${indent}  ${' '.repeat(nameWidth)}  ${visibleLine(text)}\n`).join('')
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
