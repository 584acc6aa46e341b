import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf } from '#lib/text/layout/columns.ts'
import { cutLine } from '#lib/text/layout/cut-line.ts'
import { cases } from '../../../helpers/cases.ts'

test.each([
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'abcd…'],
  ['abcdef', 1, '…'],
  ['ab\x1b[2mcdef\x1b[22m', 4, 'ab\x1b[2mc…\x1b[22m'],
  ['漢字かな', 8, '漢字かな'],
  ['漢字かな', 7, '漢字か…'],
  ['漢字かな', 6, '漢字…'],
  ['e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['', 1, ''],
])('%j at %i columns is %j', (line, columns, cut) => {
  expect(cutLine(line, { columns, more: '…' })).toBe(cut)
})

test('what stands for the rest may be wider than a column, and is left out where it does not fit', () => {
  expect(cutLine('abcdef', { columns: 5, more: '...' })).toBe('ab...')
  expect(cutLine('abcdef', { columns: 2, more: '...' })).toBe('')
})

test('a cut line fits, begins as the whole one does, and keeps all colours', () => {
  const colours = ['\x1b[1m', '\x1b[22m', '\x1b[2m', '\x1b[31m', '\x1b[39m']
  const text = fc.array(fc.oneof(fc.constantFrom(...colours), fc.string()), { maxLength: 20 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (pieces, columns) => {
      const line = pieces.join('')
      const cut = cutLine(line, { columns, more: '…' })
      const shown = stripVTControlCharacters(cut)
      expect(columnsOf(cut)).toBeLessThanOrEqual(columns)
      const isCut = cut !== line
      expect(stripVTControlCharacters(line).startsWith(isCut ? shown.slice(0, -1) : shown)).toBe(true)
      expect(cut.match(/\p{Cc}\[\d+m/gu)).toEqual(line.match(/\p{Cc}\[\d+m/gu))
    }),
    { numRuns: cases(100) },
  )
})
