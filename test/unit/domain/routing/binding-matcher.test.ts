import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BindingMatcher } from '#lib/domain/routing/binding-matcher.ts'
import { matchesTopic } from '#lib/domain/routing/topic-pattern.ts'
import { cases } from '../../../helpers/cases.ts'

const words = (alphabet: readonly string[]) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 5 }).map((list) => list.join('.'))
const patterns = words(['a', 'b', '', '*', '#'])
const keys = words(['a', 'b', '', '*', '#', 'c'])

/** Each pattern is its own target, by its place. */
const bindingsTo = (list: readonly string[]) => list.map((key, target) => ({ key, target }))

describe('a matcher of the bindings of a topic exchange', () => {
  test('finds the patterns that match a key, in their order', () => {
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 12 }), fc.array(keys, { minLength: 1 }), (list, asked) => {
        const matcher = new BindingMatcher('topic', bindingsTo(list))
        // Each twice, as the second answer is remembered.
        for (const key of [...asked, ...asked]) {
          const matching = [...list.keys()].filter((at) => matchesTopic(list[at] as string, key))
          expect(matcher.targetsOf(key)).toEqual(matching)
        }
      }),
      { numRuns: cases(1000) },
    )
  })

  test('finds a target once for a message with several routing keys', () => {
    const matcher = new BindingMatcher('topic', bindingsTo(['a.*', 'b', 'c']))
    expect(matcher.targetsOf('b', ['a.x', 'a.y'])).toEqual([0, 1])
  })
})

test('a matcher of a direct exchange compares whole keys', () => {
  const matcher = new BindingMatcher('direct', bindingsTo(['a', 'a.b', '#', 'a']))
  expect(matcher.targetsOf('a')).toEqual([0, 3])
  expect(matcher.targetsOf('a.b')).toEqual([1])
  expect(matcher.targetsOf('c')).toEqual([])
  expect(matcher.targetsOf('c', ['a.b'])).toEqual([1])
})

test.each(['fanout', 'headers'] as const)('a matcher of a %s exchange takes each message for all', (type) => {
  expect(new BindingMatcher(type, bindingsTo(['a', 'b'])).targetsOf('c')).toEqual([0, 1])
})

test('a matcher forgets keys rather than keep as many as there are calls', () => {
  const matcher = new BindingMatcher('topic', bindingsTo(['call.#', 'call.7.*']))
  const found = Array.from({ length: 25_000 }, (_, call) => matcher.targetsOf(`call.${call}`))
  expect(found.every(([first, ...others]) => first === 0 && others.length === 0)).toBe(true)
  expect(matcher.targetsOf('call.7.end')).toEqual([0, 1])
})
