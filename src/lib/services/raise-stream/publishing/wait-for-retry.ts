import { setTimeout as sleep } from 'node:timers/promises'
import type { RetryBudget } from '#lib/async/retry-budget.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { ConnectionListener } from './shared-connection.ts'

export interface RetryLimits {
  /** Ends the retries. */
  readonly signal: AbortSignal
  readonly listener: Pick<ConnectionListener, 'lost'>
}

/** Resolves to true when it is time for the next attempt after a failure; to false when the budget is spent. */
export async function waitForRetry(
  budget: RetryBudget,
  { message }: PublishFailure,
  { signal, listener }: RetryLimits,
): Promise<boolean> {
  const delay = budget.lost()
  if (delay === undefined || signal.aborted) return false
  if (delay === 0) return true
  listener.lost(message, delay)
  await sleep(delay, undefined, { signal }).catch(() => {})
  return !signal.aborted
}
