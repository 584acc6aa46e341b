import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { RetryBudget, reopen } from '#lib/async/retry-budget.ts'
import { EviError } from '#lib/errors.ts'

const refused = new EviError('unreachable', 'Nothing answers.')

function reopening(retryFor: number, open: () => Promise<string>) {
  const stop = new AbortController()
  const delays: number[] = []
  const budget = new RetryBudget(retryFor)
  budget.lost()
  const onFailure = (_: EviError, retryInMs: number) => delays.push(retryInMs)
  return { opened: reopen(open, { budget, signal: stop.signal, onFailure }), stop, delays }
}

test('what was lost is opened again at once, then after delays that double up to ten seconds', () => {
  const budget = new RetryBudget()
  expect(Array.from({ length: 8 }, () => budget.lost())).toEqual([
    0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ])
})

test('an attempt that fails is never followed by another one at once', () => {
  const budget = new RetryBudget()
  expect([budget.failed(), budget.delay, budget.failed()]).toEqual([500, 500, 1000])
})

test('a budget that is spent is whole again once all is well', async () => {
  const budget = new RetryBudget(0)
  expect(budget.lost()).toBe(0)
  await sleep(2)
  expect([budget.lost(), budget.failed()]).toEqual([undefined, undefined])
  budget.reset()
  expect(budget.lost()).toBe(0)
})

test('the last attempt comes at the end of the budget, not behind it', () => {
  const budget = new RetryBudget(300)
  budget.lost()
  expect(budget.lost()).toBeLessThanOrEqual(300)
})

test('reopening retries a transient failure, and reports when', async () => {
  const results = [Promise.reject(refused), Promise.resolve('open')]
  const { opened, delays } = reopening(60_000, () => results.shift() as Promise<string>)
  expect(await opened).toBe('open')
  expect(delays).toEqual([500])
})

test('reopening ends with a permanent failure', async () => {
  const { opened, delays } = reopening(60_000, async () => {
    throw new EviError('refused', 'Wrong password.')
  })
  await expect(opened).rejects.toThrow('Wrong password.')
  expect(delays).toEqual([])
})

test('reopening ends with the failure that the budget has no attempt after', async () => {
  const { opened, delays } = reopening(0, async () => {
    await sleep(2)
    throw refused
  })
  await expect(opened).rejects.toBe(refused)
  expect(delays).toEqual([])
})

test('an interruption ends the wait of a reopening', async () => {
  const { opened, stop, delays } = reopening(60_000, async () => {
    throw refused
  })
  await expect.poll(() => delays).toEqual([500])
  stop.abort()
  await expect(opened).rejects.toThrow('aborted')
})
