import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Binding, route } from '#lib/domain/routing/route.ts'
import { matchesTopic } from '#lib/domain/routing/topic-pattern.ts'
import { cases } from '../../../helpers/cases.ts'

describe('a topic pattern', () => {
  test.each([
    ['sip.pike', 'sip.pike', true],
    ['sip.*', 'sip.pike', true],
    ['sip.*', 'sip', false],
    ['sip.*', 'sip.pike.blocked', false],
    ['sip.#', 'sip', true],
    ['sip.#', 'sip.pike.blocked', true],
    ['#.pike', 'pike', true],
    ['#', '', true],
    ['#', 'a.b', true],
    ['*', '', false],
    ['', '', true],
    ['', 'a', false],
    ['*.*', 'a.', true],
    ['a.#.#.b', 'a.b', true],
    ['*.#.c', 'a.b.c', true],
    ['*.#.c', 'c', false],
  ])('%j and the key %j: %s', (pattern, key, expected) => {
    expect(matchesTopic(pattern, key)).toBe(expected)
  })

  test('matches what the definition says', () => {
    const words = (alphabet: string[]) =>
      fc
        .array(fc.constantFrom(...alphabet), { maxLength: 6 })
        .filter((list) => list.join('.') !== '' || list.length === 0)
    fc.assert(
      fc.property(words(['a', 'b', '*', '#']), words(['a', 'b', 'c']), (pattern, key) => {
        expect(matchesTopic(pattern.join('.'), key.join('.'))).toBe(matchesByDefinition(pattern, key))
      }),
      { numRuns: cases(2000) },
    )
  })

  test('of many wildcards costs no more than its length allows', () => {
    const start = performance.now()
    expect(matchesTopic(Array(60).fill('#.a').join('.'), Array(120).fill('a').join('.').concat('.b'))).toBe(
      false,
    )
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

/** `*` is one word, `#` is none or one and then any. */
function matchesByDefinition([part, ...pattern]: string[], key: string[]): boolean {
  if (part === undefined) return key.length === 0
  if (part === '#')
    return (
      matchesByDefinition(pattern, key) ||
      (key.length > 0 && matchesByDefinition(['#', ...pattern], key.slice(1)))
    )
  return key.length > 0 && (part === '*' || part === key[0]) && matchesByDefinition(pattern, key.slice(1))
}

describe('a route', () => {
  const exchange = (name: string, type: string, alternate: string | null = null) => ({
    name,
    type,
    alternate,
  })
  const toQueue = (
    source: string,
    routingKey: string,
    name: string,
    given: Binding['arguments'] = {},
  ): Binding => ({
    source,
    routingKey,
    destination: { kind: 'queue', name },
    arguments: given,
  })
  const toExchange = (source: string, routingKey: string, name: string): Binding => ({
    source,
    routingKey,
    destination: { kind: 'exchange', name },
    arguments: {},
  })
  const message = (routingKey: string, headers = {}) => ({ exchange: 'x', routingKey, headers })
  const names = (taken: ReturnType<typeof route>) => taken.queues.map(({ name }) => name)

  test('of a fanout takes every key, of a direct exchange the very same', () => {
    const bindings = [toQueue('x', 'a', 'qa'), toQueue('x', 'b', 'qb')]
    expect(names(route({ exchanges: [exchange('x', 'fanout')], bindings }, message('c')))).toEqual([
      'qa',
      'qb',
    ])
    expect(names(route({ exchanges: [exchange('x', 'direct')], bindings }, message('b')))).toEqual(['qb'])
  })

  test('goes through exchanges bound to exchanges, in circles too, and names the way', () => {
    const exchanges = [exchange('x', 'topic'), exchange('y', 'fanout'), exchange('z', 'direct')]
    const bindings = [
      toExchange('x', '#', 'y'),
      toExchange('y', '', 'z'),
      toExchange('z', 'k', 'x'),
      toQueue('z', 'k', 'q'),
    ]
    expect(route({ exchanges, bindings }, message('k'))).toEqual({
      queues: [
        {
          name: 'q',
          path: [
            { exchange: 'x', bindingKey: '#' },
            { exchange: 'y', bindingKey: '' },
            { exchange: 'z', bindingKey: 'k' },
          ],
        },
      ],
      unknown: [],
    })
  })

  test('asks the alternate exchange when there is no binding for the message, and only then', () => {
    const exchanges = [exchange('x', 'direct', 'spare'), exchange('spare', 'fanout')]
    const bindings = [toQueue('x', 'k', 'q'), toQueue('spare', '', 's')]
    expect(names(route({ exchanges, bindings }, message('k')))).toEqual(['q'])
    expect(names(route({ exchanges, bindings }, message('other')))).toEqual(['s'])
  })

  test.each([
    [{}, {}, true],
    [{ a: 1 }, {}, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ 'x-match': 'any', a: 1, b: 2 }, { a: 1 }, true],
    [{ 'x-match': 'any' }, {}, false],
    [{ 'x-other': 1 }, {}, true],
    [{ 'x-match': 'all-with-x', 'x-other': 1 }, {}, false],
    [{ a: null }, { a: 'anything' }, true],
  ])('of a headers exchange with the arguments %j takes the headers %j: %s', (given, headers, taken) => {
    const topology = { exchanges: [exchange('x', 'headers')], bindings: [toQueue('x', '', 'q', given)] }
    expect(names(route(topology, message('k', headers)))).toEqual(taken ? ['q'] : [])
  })

  test('of a type that evi does not know is not guessed', () => {
    const strange = exchange('x', 'x-consistent-hash')
    const topology = { exchanges: [strange], bindings: [toQueue('x', '1', 'q')] }
    expect(route(topology, message('k'))).toEqual({ queues: [], unknown: [strange] })
  })
})
