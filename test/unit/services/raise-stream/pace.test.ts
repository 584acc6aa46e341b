import { expect, test } from 'vitest'
import { asItComes, asRecorded, atRate, type Pace } from '#lib/services/raise-stream/pace.ts'

/** When each line would go, with a clock that waits as long as it is asked to. */
function schedule(make: (now: () => number) => Pace, lines: readonly { time?: number; work?: number }[]) {
  let clock = 1000
  const pace = make(() => clock)
  return lines.map(({ time, work = 0 }) => {
    clock += work
    clock += pace.delayOf(time)
    return Math.round(clock - 1000)
  })
}

test('as they come, nothing is waited for', () => {
  expect(schedule(() => asItComes, [{}, { time: 5 }, { time: 1e9 }])).toEqual([0, 0, 0])
})

test('a rate spaces the lines evenly', () => {
  expect(schedule((now) => atRate(4, now), [{}, {}, {}, {}])).toEqual([0, 250, 500, 750])
})

test('a rate above what timers can do sends several at once, and as many in the end', () => {
  const times = schedule((now) => atRate(5000, now), Array(5001).fill({}))
  expect(times.at(-1)).toBeGreaterThanOrEqual(998)
  expect(times.at(-1)).toBeLessThanOrEqual(1000)
})

test('a rate does not catch up on a long wait', () => {
  expect(schedule((now) => atRate(10, now), [{}, { work: 5000 }, {}, {}])).toEqual([0, 5000, 5050, 5150])
})

test.each([
  [1, [0, 100, 400]],
  [2, [0, 50, 200]],
  [0.5, [0, 200, 800]],
])('a recording is replayed %d times as fast', (speed, expected) => {
  const lines = [{ time: 7000 }, { time: 7100 }, { time: 7400 }]
  expect(schedule((now) => asRecorded(speed, now), lines)).toEqual(expected)
})

test('a line without a time, or from before, goes with the one before it', () => {
  const lines = [{}, { time: 7000 }, { time: 7100 }, {}, { time: 6000 }, { time: 7200 }]
  expect(schedule((now) => asRecorded(1, now), lines)).toEqual([0, 0, 100, 100, 100, 200])
})
