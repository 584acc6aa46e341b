import { expect, test } from 'vitest'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { RetryBudget } from '#lib/services/raise-stream/retry-budget.ts'

const failure: PublishFailure = { status: 'rejected', code: 'rejected', reason: 'Full.' }

function budgetOf(retryFor: number) {
  const stop = new AbortController()
  const told: [string, number][] = []
  const listener = { lost: (reason: string, retryInMs: number) => told.push([reason, retryInMs]) }
  return { budget: new RetryBudget({ retryFor, signal: stop.signal, listener }), stop, told }
}

test('the first failure is followed by a try at once, without a word', async () => {
  const { budget, told } = budgetOf(0)
  expect(await budget.next(failure)).toBe(true)
  expect(told).toEqual([])
})

test('retryFor is counted from the first failure, and starts anew once something got through', async () => {
  const { budget } = budgetOf(-1)
  expect(await budget.next(failure)).toBe(true)
  expect(await budget.next(failure)).toBe(false)
  expect(await budget.next(failure)).toBe(false)
  budget.reset()
  expect(await budget.next(failure)).toBe(true)
})

test('the next try is waited for, which is told, and an interruption ends the waiting', async () => {
  const { budget, stop, told } = budgetOf(60_000)
  await budget.next(failure)
  const next = budget.next(failure)
  expect(told).toEqual([['Full.', 500]])
  stop.abort()
  expect(await next).toBe(false)
})
