import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { hintOf } from '#lib/services/check/advice.ts'
import type { CheckReport } from '#lib/services/check/check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { verdictOf } from '#lib/services/check/verdict.ts'
import { markOf, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { padEnd } from '#lib/text/layout/columns.ts'
import { millisecondsText } from '#lib/text/numbers/duration.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { foldAlike, withoutNames } from '#lib/views/alike.ts'
import { renderStepLine, timeWidth } from './step-line.ts'

/** The events that a socket is subscribed to. */
export type EventsOf = (socket: Socket) => readonly string[]

export interface CheckLook {
  readonly eventsOf: EventsOf
  /** `failed`: only what is broken; `steps`: those that passed, too. */
  readonly detail: 'folded' | 'failed' | 'steps'
  readonly style: Style
  /** Only the login was checked, and nothing behind it. */
  readonly isLoginOnly?: boolean
  /** Columns of the labels, where there are several; times stand below each other then. */
  readonly labelWidth?: number
}

interface CheckedSocket {
  readonly socket: Socket
  readonly steps: readonly CheckStep[]
}

/** A broker that was checked with one login, and the sockets behind it, each with its own steps. */
export interface CheckedBroker {
  readonly label: string
  /** One of those with the login. */
  readonly socket: Socket
  readonly steps: readonly CheckStep[]
  readonly sockets: readonly CheckedSocket[]
  /** Logins that this one stands for, where many fail alike. */
  readonly logins?: number
}

/** Sockets, and logins of one broker, from which on those that are alike, and not whole, are one: as many as a screen has lines. */
export const mostAlike = 50

/** Shows one broker after the other: a line for each that is healthy, the steps where something is wrong. */
export class BrokerView {
  readonly #look: CheckLook
  /** Reasons that were given before; many sockets may have the same. */
  readonly #given = new Set<string>()

  constructor(look: CheckLook) {
    this.#look = look
  }

  /** The text of a broker; empty where nothing of it is to be shown. */
  render(broker: CheckedBroker): string {
    const { detail } = this.#look
    const ownVerdict = verdictOf(broker.steps)
    const sockets = broker.sockets.filter(
      ({ steps }) => detail !== 'failed' || isBroken([...broker.steps, ...steps]),
    )
    if (detail === 'failed' && sockets.length === 0 && !isBroken(broker.steps)) return ''
    const opens = detail === 'steps' || ownVerdict !== 'passed'
    const steps = opens ? broker.steps.map((step) => this.#step(step, broker.socket, '  ')) : []
    const shown = this.#look.isLoginOnly ? [] : sockets
    const lines = this.#alike(shown, isBroken(broker.steps)).map((alike) => this.#socket(alike, broker.steps))
    return [this.#head(broker, opens), ...steps, ...lines].join('')
  }

  #head({ label, steps, logins = 1 }: CheckedBroker, opens: boolean): string {
    const { style, labelWidth = 0 } = this.#look
    const mark = markOf(verdictOf(steps), style)
    const number = logins === 1 ? '' : `${count(logins)} logins such as `
    const name = `${number}${style.strong(visibleLine(label))}`
    if (opens) return `${mark} ${name}\n`
    const version = steps.find(({ step }) => step === 'amqp')?.found ?? ''
    const ms = Math.round(steps.reduce((sum, step) => sum + (step.ms ?? 0), 0))
    const column = labelWidth === 0 ? 0 : timeWidth
    const time = style.faint(millisecondsText(ms).padStart(column))
    return `${mark} ${padEnd(name, labelWidth)}  ${time}  ${visibleLine(version)}\n`
  }

  /** Each socket in its turn, and the many that fail alike together in that of the first: all behind a broken broker. */
  #alike(sockets: readonly CheckedSocket[], isBrokerBroken: boolean): readonly (readonly CheckedSocket[])[] {
    if (this.#look.detail === 'steps') return sockets.map((socket) => [socket])
    const sortHere = (socket: CheckedSocket) => sortOf(socket) || (isBrokerBroken ? 'behind' : '')
    return foldAlike(sockets, sortHere, mostAlike)
  }

  #socket(alike: readonly CheckedSocket[], before: readonly CheckStep[]): string {
    const { eventsOf, detail, style } = this.#look
    const [{ socket, steps: own }] = alike as [CheckedSocket]
    const events = eventsOf(socket)
    const whose = events.length === 0 ? '' : style.faint(`  ${visibleLine(events.join(', '))}`)
    const mark = markOf(verdictOf([...before, ...own]), style)
    const shown = own.filter(({ status }) => detail === 'steps' || status !== 'passed')
    const steps = shown.map((step) => this.#step(step, socket, '    '))
    const number = alike.length === 1 ? '' : `${count(alike.length)} sockets such as `
    return `  ${mark} ${number}${visibleLine(printSocket(socket))}${whose}\n${steps.join('')}`
  }

  /** A step in a line; where it did not pass, why and what to do, unless that was just said of another socket. */
  #step(step: CheckStep, socket: Socket, indent: string): string {
    const { eventsOf, style } = this.#look
    const hint = hintOf(step, eventsOf(socket)[0])
    const shown = (one: CheckStep) => renderStepLine(one, { indent, nameWidth, timeWidth, style })
    if (step.reason === undefined) return shown(step)
    const key = JSON.stringify([step.step, step.found, step.reason, hint])
    if (this.#given.has(key)) return shown({ ...withoutTime(step), reason: 'as above', hint: undefined })
    this.#given.add(key)
    return shown({ ...step, hint })
  }
}

/** Equal for sockets, or logins, of which the same is to be said but for names and numbers; empty for one that is whole. */
export function sortOf({ steps }: Pick<CheckedSocket, 'steps'>): string {
  return steps
    .filter(({ status }) => status !== 'passed')
    .map(({ step, status, code, reason }) => `${step} ${status} ${code} ${reason && withoutNames(reason)}`)
    .join('\n')
}

function withoutTime({ ms: _, ...step }: CheckStep): CheckStep {
  return step
}

function isBroken(steps: readonly CheckStep[]): boolean {
  return steps.some(({ code }) => code !== undefined)
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
        hint: hintOf(step, eventsOf(socket)[0]) ?? null,
        code: step.code ?? null,
        ...step.facts,
      })),
    })),
    passed,
    failed,
  }
}

/** As wide as the longest name of a step. */
const nameWidth = 'exchange'.length
