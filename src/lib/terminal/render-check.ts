import { printAddress, printSocket, type Socket } from '../domain/socket.ts'
import type { CheckGroup, CheckReport, Wiring } from '../services/check/check.ts'
import type { CheckStep } from '../services/check/steps.ts'
import { visibleLine } from './sanitise.ts'
import { markOf, type Style } from './style.ts'

/** The head of a broker's steps, or of a socket's behind it. */
export function renderGroup(group: CheckGroup, events: readonly string[], style: Style): string {
  if ('sockets' in group) return `${style.strong(visibleLine(brokerOf(group)))}\n`
  const whose = events.length === 0 ? '' : style.faint(`  ${visibleLine(events.join(', '))}`)
  return `  ${visibleLine(printSocket(group))}${whose}\n`
}

/** A step in a line; where it did not pass, why and what to do. */
export function renderStep(group: CheckGroup, step: CheckStep, style: Style): string {
  const indent = 'sockets' in group ? '  ' : '    '
  const hints = step.hint?.split('\n') ?? []
  const [first = '', ...more] = [step.found, step.reason, ...hints].filter(Boolean).map(String)
  const ms = step.ms === undefined ? '' : `  ${style.faint(`${step.ms} ms`)}`
  const line = `${indent}${markOf(step.status, style)} ${step.step.padEnd(nameWidth)}  ${visibleLine(first)}${ms}\n`
  return line + more.map((text) => `${indent}  ${' '.repeat(nameWidth)}  ${visibleLine(text)}\n`).join('')
}

/** The report as JSON. */
export function checkDocument({ checks, passed, failed }: CheckReport, eventsOf: EventsOf): object {
  return {
    checks: checks.map(({ socket, host, steps, failure }) => ({
      socket: printSocket(socket),
      events: eventsOf(socket),
      host,
      ok: failure === undefined,
      steps: steps.map(({ step, status, found, host: at, ms, reason, hint, code, facts }) => ({
        step,
        status,
        ms: ms ?? null,
        host: at ?? null,
        found: found || null,
        reason: reason ?? null,
        hint: hint ?? null,
        code: code ?? null,
        ...facts,
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
