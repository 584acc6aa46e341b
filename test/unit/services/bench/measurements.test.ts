import { expect, test } from 'vitest'
import { type BenchLength, Tally } from '#lib/services/bench/measurements.ts'

/** Events that were each confirmed 5 ms after their publishing, at these milliseconds. */
function tallyOf(length: BenchLength, confirms: readonly number[]): Tally {
  const tally = new Tally(length)
  tally.start(1000)
  for (const at of confirms) tally.confirmed(1000 + at - 5, 1000 + at)
  return tally
}

test.each<[string, BenchLength, number[], { confirmed: number; warmUp: number; seconds: number }]>([
  ['of a time', { seconds: 1 }, [50, 90, 190, 290], { confirmed: 4, warmUp: 2, seconds: 0.2 }],
  ['of a number', { events: 20 }, [50, 90, 190, 290], { confirmed: 4, warmUp: 2, seconds: 0.2 }],
  ['of so few that a tenth is none', { events: 9 }, [50, 90], { confirmed: 2, warmUp: 0, seconds: 0.09 }],
  ['that nothing else comes after', { seconds: 1 }, [50, 90], { confirmed: 2, warmUp: 2, seconds: 0 }],
  ['in which nothing comes', { seconds: 1 }, [200, 300], { confirmed: 2, warmUp: 0, seconds: 0.3 }],
  ['of a long time, a second', { seconds: 60 }, [900, 1100], { confirmed: 2, warmUp: 1, seconds: 0.2 }],
  ['of many, a second', { events: 1e6 }, [900, 1100], { confirmed: 2, warmUp: 1, seconds: 0.2 }],
])('the warm-up, the first tenth %s, is counted and not measured', (_, length, confirms, expected) => {
  const { counts, latency, warmUp, seconds } = tallyOf(length, confirms)
  expect({ confirmed: counts.confirmed, warmUp, seconds }).toEqual(expected)
  expect(latency.count).toBe(expected.confirmed - expected.warmUp)
})

test("a confirm's time is from its publishing", () => {
  const { latency } = tallyOf({ events: 3 }, [10, 20, 30])
  expect([latency.min, latency.max]).toEqual([5, 5])
})
