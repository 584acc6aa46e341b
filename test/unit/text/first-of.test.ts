import { expect, test } from 'vitest'
import { firstOf } from '#lib/text/first-of.ts'

test('few names are all written out', () => {
  expect(firstOf(['a', 'b', 'c', 'd', 'e'], ' ')).toBe('a b c d e')
})

test('of many names the first are written out, and the others counted', () => {
  const names = Array.from({ length: 2500 }, (_, index) => `h${index}`)
  expect(firstOf(names, ', ')).toBe('h0, h1, h2, h3, h4 and 2495 more')
})
