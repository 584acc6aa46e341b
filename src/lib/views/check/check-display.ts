import type { CheckGroup, CheckListener, Wiring } from '#lib/services/check/check.ts'
import { loginLabels } from '#lib/services/check/login-labels.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import type { StatusLine } from '#lib/terminal/status-line.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'
import { AlikeLogins } from './alike-logins.ts'
import { BrokerView, type CheckedBroker, type EventsOf } from './render-check.ts'

export interface CheckDisplayOptions {
  readonly plan: readonly Wiring[]
  readonly eventsOf: EventsOf
  /** `failed`: only what is broken; `steps`: those that passed, too. */
  readonly detail: 'folded' | 'failed' | 'steps'
  readonly style: Style
  readonly isLoginOnly?: boolean
  readonly print: (text: string) => void
  /** Shows what is waited for. */
  readonly status: StatusLine
}

/**
 * Prints each broker once it is known. Brokers are checked side by side, so that one whose turn has not come is kept
 * until it has; what fails alike at many logins of one broker comes last.
 */
export class CheckDisplay implements CheckListener {
  readonly #options: CheckDisplayOptions
  readonly #view: BrokerView
  readonly #labels: ReadonlyMap<Wiring, string>
  readonly #steps = new Map<CheckGroup, CheckStep[]>()
  readonly #alike: AlikeLogins
  readonly #settled = new Set<Wiring>()
  /** Those not printed, in order. */
  readonly #waiting: Wiring[]
  #printed = false

  constructor(options: CheckDisplayOptions) {
    this.#options = options
    this.#labels = loginLabels(options.plan)
    this.#view = new BrokerView({ ...options, labelWidth: widestOf([...this.#labels.values()]) })
    this.#alike = new AlikeLogins(options.plan)
    this.#waiting = [...options.plan]
    this.#showStatus()
  }

  step(group: CheckGroup, step: CheckStep): void {
    const steps = this.#steps.get(group)
    if (steps) steps.push(step)
    else this.#steps.set(group, [step])
    if (group === this.#waiting[0]) this.#showStatus()
  }

  settled(wiring: Wiring): void {
    this.#settled.add(wiring)
    for (let next = this.#waiting[0]; next && this.#settled.has(next); next = this.#waiting[0]) {
      this.#waiting.shift()
      const login = this.#take(next)
      if (this.#options.detail === 'steps' || !this.#alike.keeps(login)) this.#print(login)
    }
    if (this.#waiting.length === 0) for (const login of this.#alike.take()) this.#print(login)
    this.#showStatus()
  }

  #take(wiring: Wiring): CheckedBroker {
    const login = {
      label: this.#labels.get(wiring) ?? '',
      socket: wiring.sockets[0],
      steps: this.#steps.get(wiring) ?? [],
      sockets: wiring.sockets.map((socket) => ({ socket, steps: this.#steps.get(socket) ?? [] })),
    }
    for (const group of [wiring, ...wiring.sockets]) this.#steps.delete(group)
    return login
  }

  #print(login: CheckedBroker): void {
    const text = this.#view.render(login)
    if (text === '') return
    this.#options.status.clear()
    this.#options.print(this.#printed ? `\n${text}` : text)
    this.#printed = true
  }

  #showStatus(): void {
    const { plan, status, style } = this.#options
    const [next] = this.#waiting
    if (next === undefined) {
      status.clear()
      return
    }
    const after = this.#steps.get(next)?.at(-1)
    const place = after ? `, after ${after.step}` : ''
    const count = plan.length === 1 ? '' : ` (${plan.length - this.#waiting.length} of ${plan.length} done)`
    status.show(`Checking ${visibleLine(this.#labels.get(next) ?? '')}${place}${count} ${style.marks.more}`)
  }
}

/** Longer labels stand out of their column. */
const longestLabel = 60

/** Columns that the labels of several brokers take; 0 where there is one only. */
function widestOf(labels: readonly string[]): number {
  if (labels.length === 1) return 0
  const widths = labels.map((label) => columnsOf(visibleLine(label)))
  return Math.max(...widths.filter((width) => width <= longestLabel), 0)
}
