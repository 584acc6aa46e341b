import { hintForEvent } from '#lib/domain/failure/remedies.ts'
import { printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { CheckGroup, CheckReport, Wiring } from '#lib/services/check/check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderStepLine } from './step-line.ts'

export interface CheckLook {
  readonly eventsOf: EventsOf
  readonly style: Style
}

/** The head of a broker's steps, or of a socket's behind it. */
export function renderGroup(group: CheckGroup, { eventsOf, style }: CheckLook): string {
  if ('sockets' in group) return `${style.strong(visibleLine(brokerOf(group)))}\n`
  const events = eventsOf(group)
  const whose = events.length === 0 ? '' : style.faint(`  ${visibleLine(events.join(', '))}`)
  return `  ${visibleLine(printSocket(group))}${whose}\n`
}

/** A step in a line; where it did not pass, why and what to do. */
export function renderStep(group: CheckGroup, step: CheckStep, { eventsOf, style }: CheckLook): string {
  const [indent, socket] = 'sockets' in group ? ['  ', group.sockets[0]] : ['    ', group]
  return renderStepLine({ ...step, hint: hintOf(step, eventsOf(socket)) }, { indent, nameWidth, style })
}

function hintOf({ hint }: CheckStep, [event]: readonly string[]): string | undefined {
  return hint !== undefined && event !== undefined ? hintForEvent(hint, event) : hint
}

/** The report as JSON. */
export function checkDocument({ checks, passed, failed }: CheckReport, eventsOf: EventsOf): object {
  return {
    checks: checks.map(({ socket, host, steps, failure }) => ({
      socket: printSocket(socket),
      events: eventsOf(socket),
      host,
      ok: failure === undefined,
      steps: steps.map((step) => ({
        step: step.step,
        status: step.status,
        ms: step.ms ?? null,
        host: step.host ?? null,
        found: step.found || null,
        reason: step.reason ?? null,
        hint: hintOf(step, eventsOf(socket)) ?? null,
        code: step.code ?? null,
        ...step.facts,
      })),
    })),
    passed,
    failed,
  }
}

export type EventsOf = (socket: Socket) => readonly string[]

/** As wide as the longest name of a step. */
const nameWidth = 'exchange'.length

function brokerOf({ sockets: [{ anonymous, user, hosts, vhost }] }: Wiring): string {
  const login = anonymous ? '' : `${user}@`
  return `rabbitmq:${login}${hosts.map(printAddress).join(',')}, vhost ${vhost}`
}
