import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ManagementBudget } from '#lib/management/budget.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A request that gets its reply after so many milliseconds, or says that the time was up. */
function request(milliseconds: number) {
  return (usedUp: AbortSignal): Promise<string> =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds, 'reply')
      usedUp.addEventListener('abort', () => resolve('used up'))
    })
}

test('the time between two requests is not counted', async () => {
  const budget = new ManagementBudget(1000)
  const first = budget.spend(request(900))
  await vi.advanceTimersByTimeAsync(900)
  await vi.advanceTimersByTimeAsync(3_600_000)
  const second = budget.spend(request(900))
  await vi.advanceTimersByTimeAsync(900)
  expect([await first, await second, budget.isUsedUp]).toEqual(['reply', 'reply', false])
})

test('requests that wait side by side are counted once', async () => {
  const budget = new ManagementBudget(1000)
  const all = Promise.all([900, 900, 900, 900].map((ms) => budget.spend(request(ms))))
  await vi.advanceTimersByTimeAsync(900)
  expect(await all).toEqual(['reply', 'reply', 'reply', 'reply'])
})

test('requests one after the other share the time, and the last is ended when it is used up', async () => {
  const budget = new ManagementBudget(1000)
  const replies: string[] = []
  for (let n = 0; n < 3; n++) {
    const reply = budget.spend(request(900))
    await vi.advanceTimersByTimeAsync(900)
    replies.push(await reply)
  }
  expect([replies, budget.isUsedUp]).toEqual([['reply', 'reply', 'used up'], true])
})
