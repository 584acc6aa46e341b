import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest } from '#lib/text/nearest.ts'

const commands = ['check', 'list', 'map', 'raise', 'setup', 'subscribe', 'tail', 'unsubscribe']

describe('the nearest candidate', () => {
  test.each([
    ['chekc', 'check'],
    ['lst', 'list'],
    ['LIST', 'list'],
    ['tial', 'tail'],
    ['subscirbe', 'subscribe'],
    ['unsubscrib', 'unsubscribe'],
    ['map', 'map'],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, commands)).toBe(expected)
  })

  test.each(['', 'x', 'publish', 'nonsense', 'rabbitmq'])('of %j is none', (word) => {
    expect(nearest(word, commands)).toBeUndefined()
  })

  test('of a candidate is itself, with whatever others', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (candidates, index) => {
        const word = candidates[index % candidates.length] as string
        expect(nearest(word, candidates)?.toLowerCase()).toBe(word.toLowerCase())
      }),
    )
  })
})
