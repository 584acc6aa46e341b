import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readStreamOffset } from '#lib/domain/routing/stream-offset.ts'

const now = new Date('2026-11-30T18:00:00Z')

describe('a place in a stream', () => {
  test.each([
    ['first', 'first'],
    ['last', 'last'],
    ['next', 'next'],
    ['0', 0],
    ['2026', 2026],
    ['999999999999999', 999_999_999_999_999],
    ['2026-11-30', new Date('2026-11-30T00:00:00Z')],
    ['2026-11-30T18:00Z', now],
    ['2026-11-30T18:00:00.5Z', new Date('2026-11-30T18:00:00.500Z')],
    ['2026-11-30 20:00:00+02:00', now],
    ['2024-02-29', new Date('2024-02-29T00:00:00Z')],
    ['30s', new Date('2026-11-30T17:59:30Z')],
    ['10m', new Date('2026-11-30T17:50:00Z')],
    ['1h', new Date('2026-11-30T17:00:00Z')],
    ['7d', new Date('2026-11-23T18:00:00Z')],
  ])('%j is read', (text, place) => {
    expect(readStreamOffset(text, now)).toEqual(place)
  })

  test.each([
    '',
    'First',
    '-1',
    '1.5',
    '1000000000000000',
    '1w',
    '1 h',
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-02-29',
    '2026-11-30T25:00',
    '1969-12-31',
    '99999999d',
  ])('%j is refused', (text) => {
    expect(() => readStreamOffset(text, now)).toThrow(`--from is ${JSON.stringify(text)}`)
  })

  test('every time that is written as JSON writes it is read back', () => {
    const since1970 = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(since1970, (time) => {
        expect(readStreamOffset(time.toISOString(), now)).toEqual(time)
      }),
    )
  })
})
