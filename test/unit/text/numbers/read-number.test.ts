import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readNumber } from '#lib/text/numbers/read-number.ts'

const seconds = { min: 0.001, max: 1_000_000_000, unit: 'seconds' }
const count = { min: 1, max: 1000, integer: true }

test.each([
  ['3000000', seconds, 3_000_000],
  ['0.5', seconds, 0.5],
  ['0.001', seconds, 0.001],
  ['1000000000', seconds, 1_000_000_000],
  ['1', count, 1],
  ['007', count, 7],
])('%s is read as a number of its range', (text, range, number) => {
  expect(readNumber('--x', text, range)).toBe(number)
})

test.each([
  '',
  '0',
  '-1',
  '+1',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  ' 1',
  '1 ',
  '1_000',
  '1,5',
  '.5',
  '1.',
  '٣',
  '9'.repeat(400),
])('a number of seconds is not %j, and the refusal names both ends and the unit', (text) => {
  expect(() => readNumber('--x', text, seconds)).toThrow(
    `--x is ${JSON.stringify(text)}, not a number of seconds from 0.001 to 1000000000.`,
  )
})

test.each(['0', '1001', '1.5', '1.0'])('a whole number is not %j', (text) => {
  expect(() => readNumber('--x', text, count)).toThrow('not a whole number from 1 to 1000.')
})

const milliseconds = { min: 1, max: 600_000, integer: true, unit: 'ms' }

test.each([
  ['500ms', milliseconds, 500],
  ['10s', milliseconds, 10_000],
  ['5m', milliseconds, 300_000],
  ['1.005s', milliseconds, 1005],
  ['500', milliseconds, 500],
  ['500ms', seconds, 0.5],
  ['1h', seconds, 3600],
  ['7d', seconds, 604_800],
  ['0.5h', seconds, 1800],
  ['90', seconds, 90],
])('%s is read as a duration in the unit of its range', (text, range, number) => {
  expect(readNumber('--x', text, range)).toBe(number)
})

test.each(['0.5ms', '1h', '-1s', '1S', '1 s', '1h30m', 's', '1w', '1e3s'])(
  'a duration of whole milliseconds up to ten minutes is not %j, and the refusal names the units',
  (text) => {
    expect(() => readNumber('--x', text, milliseconds)).toThrow(
      expect.objectContaining({
        message: `--x is ${JSON.stringify(text)}, not a whole number of ms from 1 to 600000.`,
        hint: 'A unit may follow it: 500ms, 10s, 5m, 1h, 7d.',
      }),
    )
  },
)

test('a number that is no duration takes no unit of time', () => {
  expect(() => readNumber('--x', '10s', count)).toThrow('not a whole number from 1 to 1000.')
})

test('a duration of whole milliseconds is the same in every unit', () => {
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER, unit: 'ms' }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
      expect(readNumber('--x', `${ms}ms`, range)).toBe(ms)
      expect(readNumber('--x', `${(ms / 1000).toFixed(3)}s`, range)).toBe(ms)
      expect(readNumber('--x', `${ms}h`, range)).toBe(ms * 3_600_000)
    }),
  )
})
