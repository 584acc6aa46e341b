import { expect, test } from 'vitest'
import { readNumber } from '#lib/text/read-number.ts'

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
