import type { CheckGroup, CheckListener, Wiring } from '#lib/services/check/check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { type CheckLook, renderGroup, renderStep } from './render-check.ts'

export interface CheckDisplayOptions extends CheckLook {
  readonly plan: readonly Wiring[]
  readonly print: (text: string) => void
}

/**
 * Prints the steps as they happen. Brokers are checked side by side, so that those of one whose turn has not come are
 * kept until it has.
 */
export class CheckDisplay implements CheckListener {
  readonly #options: CheckDisplayOptions
  /** Those not printed to their end, in order. */
  readonly #waiting: CheckGroup[]
  readonly #kept = new Map<CheckGroup, string[]>()
  readonly #settled = new Set<CheckGroup>()

  constructor(options: CheckDisplayOptions) {
    this.#options = options
    this.#waiting = options.plan.flatMap((wiring) => [wiring, ...wiring.sockets])
    for (const group of this.#waiting) this.#kept.set(group, [renderGroup(group, options)])
    this.#print()
  }

  step(group: CheckGroup, step: CheckStep): void {
    this.#kept.get(group)?.push(renderStep(group, step, this.#options))
    this.#print()
  }

  settled(group: CheckGroup): void {
    this.#settled.add(group)
    this.#print()
  }

  #print(): void {
    for (let group = this.#waiting[0]; group; group = this.#waiting[0]) {
      for (const line of this.#kept.get(group)?.splice(0) ?? []) this.#options.print(line)
      if (!this.#settled.has(group)) return
      this.#waiting.shift()
    }
  }
}
