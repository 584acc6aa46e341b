import { expect, test } from 'vitest'
import { RetryBudget } from '#lib/async/retry-budget.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { waitForRetry } from '#lib/services/raise-stream/publishing/wait-for-retry.ts'

const failure: PublishFailure = { code: 'rejected', message: 'Full.' }

function limitsOf(retryFor: number) {
  const stop = new AbortController()
  const said: [string, number][] = []
  const listener = { lost: (reason: string, retryInMs: number) => said.push([reason, retryInMs]) }
  const budget = new RetryBudget(retryFor)
  const limits = { signal: stop.signal, listener }
  return { wait: () => waitForRetry(budget, failure, limits), stop, said }
}

test('a stream waits for the second retry, says so, and stops waiting at an interruption', async () => {
  const { wait, stop, said } = limitsOf(60_000)
  expect(await wait()).toBe(true)
  expect(said).toEqual([])
  const next = wait()
  expect(said).toEqual([['Full.', 500]])
  stop.abort()
  expect(await next).toBe(false)
})
