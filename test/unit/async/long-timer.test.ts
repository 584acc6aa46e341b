import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pause, startTimer } from '#lib/async/long-timer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const longestOfNode = 2 ** 31 - 1

test.each([1, longestOfNode, longestOfNode + 1, 3 * longestOfNode, 3_000_000_000])(
  'a timer of %d ms acts once, when all of its time is over',
  (milliseconds) => {
    const action = vi.fn()
    startTimer(milliseconds, action)
    vi.advanceTimersByTime(milliseconds - 1)
    expect(action).toHaveBeenCalledTimes(0)
    vi.advanceTimersByTime(2 + milliseconds)
    expect(action).toHaveBeenCalledTimes(1)
  },
)

test('a timer that is stopped in its second piece does not act', () => {
  const action = vi.fn()
  const stop = startTimer(2 * longestOfNode, action)
  vi.advanceTimersByTime(longestOfNode + 1)
  stop()
  vi.advanceTimersByTime(2 * longestOfNode)
  expect(action).toHaveBeenCalledTimes(0)
})

test('a pause of more than 24.8 days lasts as long', async () => {
  const over = vi.fn()
  const paused = pause(longestOfNode + 10).then(over)
  await vi.advanceTimersByTimeAsync(longestOfNode)
  expect(over).toHaveBeenCalledTimes(0)
  await vi.advanceTimersByTimeAsync(10)
  await paused
})
