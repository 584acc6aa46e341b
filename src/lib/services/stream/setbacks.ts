import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfter } from '../reconnect.ts'

export interface SetbackLimits {
  /** Milliseconds to go on trying while nothing gets through. */
  readonly patience: number
  /** Ends the trying. */
  readonly signal: AbortSignal
}

/** Failures that may pass, since something last got through. */
export class Setbacks {
  readonly #limits: SetbackLimits
  #since = 0
  #tries = 0

  constructor(limits: SetbackLimits) {
    this.#limits = limits
  }

  /** Something got through, so patience starts anew. */
  forget(): void {
    this.#tries = 0
  }

  /** Resolves when it is time to try again: at once after the first failure, with growing delays after those that follow. False when it is to be given up. */
  async next(): Promise<boolean> {
    const { patience, signal } = this.#limits
    if (this.#tries === 0) this.#since = performance.now()
    else if (performance.now() - this.#since > patience) return false
    else await sleep(delayAfter(this.#tries), undefined, { signal }).catch(() => {})
    this.#tries++
    return !signal.aborted
  }
}
