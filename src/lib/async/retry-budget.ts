import { setTimeout as sleep } from 'node:timers/promises'
import { EviError } from '#lib/errors.ts'

/** Milliseconds of the first wait, which doubles with each failure, and of the longest. */
const shortest = 500
const longest = 10_000

/** How often something has failed since it last went well, when to retry, and until when. */
export class RetryBudget {
  readonly #retryFor: number
  #failures = 0
  #since = 0

  /** @param retryFor milliseconds from the first failure until the last attempt; by default there is no last one */
  constructor(retryFor: number = Number.POSITIVE_INFINITY) {
    this.#retryFor = retryFor
  }

  /** All is well, so the budget is whole again. */
  reset(): void {
    this.#failures = 0
  }

  /** What went well has failed. @returns milliseconds until the next attempt, 0 after the first failure; undefined when the budget is spent */
  lost(): number | undefined {
    const now = performance.now()
    if (this.#failures++ === 0) {
      this.#since = now
      return 0
    }
    const left = this.#since + this.#retryFor - now
    return left < 0 ? undefined : Math.min(this.delay, Math.ceil(left))
  }

  /** An attempt has failed, so that even the first of them is waited for. @returns as `lost` */
  failed(): number | undefined {
    if (this.#failures === 0) this.lost()
    return this.lost()
  }

  /** Milliseconds to wait after the failures so far. */
  get delay(): number {
    return this.#failures < 2 ? 0 : Math.min(shortest * 2 ** (this.#failures - 2), longest)
  }
}

export interface ReopenOptions {
  readonly budget: RetryBudget
  /** Ends the retries. */
  readonly signal: AbortSignal
  /** An attempt failed, and the next one comes after so many milliseconds. */
  readonly onFailure: (reason: EviError, retryInMs: number) => void
}

/** Opens again what was lost, until a failure is permanent or the budget is spent. @throws EviError, or the signal's reason */
export async function reopen<T>(
  open: () => Promise<T>,
  { budget, signal, onFailure }: ReopenOptions,
): Promise<T> {
  while (true) {
    signal.throwIfAborted()
    try {
      return await open()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof EviError && error.transient)) throw error
      const delay = budget.failed()
      if (delay === undefined) throw error
      onFailure(error, delay)
      await sleep(delay, undefined, { signal })
    }
  }
}
