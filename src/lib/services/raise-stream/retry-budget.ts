import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfter } from '#lib/async/retry.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { ConnectionListener } from './shared-connection.ts'

export interface RetryLimits {
  /** Milliseconds to retry while nothing is confirmed. */
  readonly retryFor: number
  /** Ends the retries. */
  readonly signal: AbortSignal
  readonly listener: Pick<ConnectionListener, 'lost'>
}

/** Transient failures since the last success, and how long to retry. */
export class RetryBudget {
  readonly #limits: RetryLimits
  #since = 0
  #failures = 0

  constructor(limits: RetryLimits) {
    this.#limits = limits
  }

  /** Something was confirmed, so the budget is whole again. */
  reset(): void {
    this.#failures = 0
  }

  /**
   * Resolves to true when it is time for the next attempt: at once after the first failure, with backoff after the
   * following ones; to false when the budget is spent.
   */
  async next({ reason }: PublishFailure): Promise<boolean> {
    const { retryFor, signal, listener } = this.#limits
    if (this.#failures++ === 0) {
      this.#since = performance.now()
      return !signal.aborted
    }
    if (signal.aborted || performance.now() - this.#since > retryFor) return false
    const delay = delayAfter(this.#failures)
    listener.lost(reason, delay)
    await sleep(delay, undefined, { signal }).catch(() => {})
    return !signal.aborted
  }
}
