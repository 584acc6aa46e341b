import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram } from '#lib/services/bench/histogram.ts'

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Milliseconds from a microsecond to an hour, as many small as large ones. */
const value = fc.double({ min: Math.log(0.001), max: Math.log(4_000_000), noNaN: true }).map(Math.exp)
const values = fc.array(value, { minLength: 1, maxLength: 300, size: 'max' })

test('a percentile is never below the value of its rank, and above it by less than 0.8 %', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (given, percent) => {
      const sorted = given.toSorted((a, b) => a - b)
      const exact = sorted[Math.ceil((percent * given.length) / 100) - 1] as number
      const reported = histogramOf(given).percentile(percent)
      expect(reported).toBeGreaterThanOrEqual(exact)
      expect(reported).toBeLessThanOrEqual(exact * (1 + 1 / 128))
    }),
  )
})

test('minimum, maximum and mean are exact, and the hundredth percentile is the maximum', () => {
  fc.assert(
    fc.property(values, (given) => {
      const histogram = histogramOf(given)
      expect(histogram.count).toBe(given.length)
      expect(histogram.min).toBe(Math.min(...given))
      expect(histogram.max).toBe(Math.max(...given))
      expect(histogram.percentile(100)).toBe(histogram.max)
      expect(histogram.mean).toBeCloseTo(given.reduce((sum, one) => sum + one, 0) / given.length, 5)
    }),
  )
})

test('the buckets have each value once, in its place, without gaps and no more than asked for', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 40 }), (given, most) => {
      const buckets = histogramOf(given).buckets(most)
      expect(buckets.length).toBeLessThanOrEqual(most)
      for (const { from, to, count } of buckets)
        expect(count).toBe(given.filter((one) => one >= from && one < to).length)
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(given.length)
      for (const [index, { to }] of buckets.slice(0, -1).entries()) expect(buckets[index + 1]?.from).toBe(to)
    }),
  )
})

test('without a limit the buckets are as fine as percentiles are', () => {
  const [bucket] = histogramOf([10]).buckets(Number.POSITIVE_INFINITY)
  expect(bucket).toEqual({ from: 10, to: 10.0625, count: 1 })
})

test.each([0, -1, 1e-9, 1e12, Number.MAX_VALUE])('%d, out of its range, is counted at its end', (extreme) => {
  const histogram = histogramOf([1, extreme])
  expect(histogram.count).toBe(2)
  expect(histogram.percentile(100)).toBe(Math.max(1, extreme))
  expect(histogram.buckets(1)).toMatchObject([{ count: 2 }])
})

describe('without values', () => {
  test('there are no buckets, and no numbers', () => {
    const nothing = new Histogram()
    expect(nothing.buckets(10)).toEqual([])
    expect([nothing.min, nothing.max, nothing.mean, nothing.percentile(50)]).toEqual(
      Array(4).fill(Number.NaN),
    )
  })
})
