import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfter } from '#lib/async/retry.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { LinkListener } from './shared-connection.ts'

export interface SetbackLimits {
  /** Milliseconds to go on trying while nothing gets through. */
  readonly patience: number
  /** Ends the trying. */
  readonly signal: AbortSignal
  readonly listener: Pick<LinkListener, 'lost'>
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

  /**
   * Resolves when it is time to try again: at once after the first failure, with growing delays after those that follow.
   * False when it is to be given up.
   */
  async next({ reason }: PublishFailure): Promise<boolean> {
    const { patience, signal, listener } = this.#limits
    if (this.#tries++ === 0) {
      this.#since = performance.now()
      return !signal.aborted
    }
    if (signal.aborted || performance.now() - this.#since > patience) return false
    const delay = delayAfter(this.#tries)
    listener.lost(reason, delay)
    await sleep(delay, undefined, { signal }).catch(() => {})
    return !signal.aborted
  }
}
