import { describe, expect, test } from 'vitest'
import { lostDeadLetters } from '#lib/domain/routing/dead-letters.ts'
import type { Binding, Exchange, Topology } from '#lib/domain/routing/route.ts'

const dead = (type: string, alternate: Exchange['alternate'] = null): Exchange => ({
  name: 'dead',
  type,
  alternate,
})
const bound = (routingKey: string, name = 'q', kind: 'queue' | 'exchange' = 'queue'): Binding => ({
  source: 'dead',
  destination: { kind, name },
  routingKey,
  arguments: {},
})
const lost = (topology: Topology, routingKey?: string) =>
  lostDeadLetters(topology, { exchange: 'dead', routingKey })

describe('dead letters', () => {
  test.each(['direct', 'topic', 'fanout', 'headers'])(
    'are lost at a %s exchange without bindings',
    (type) => {
      expect(lost({ exchanges: [dead(type)], bindings: [] }, 'k')).toEqual({
        exchange: 'dead',
        routingKey: undefined,
      })
    },
  )

  test('of a routing key are lost where no binding takes it, also behind another exchange', () => {
    expect(lost({ exchanges: [dead('topic')], bindings: [bound('a.*')] }, 'b.c')?.routingKey).toBe('b.c')
    const next: Exchange = { name: 'next', type: 'fanout', alternate: null }
    const topology = { exchanges: [dead('fanout'), next], bindings: [bound('', 'next', 'exchange')] }
    expect(lost(topology, 'k')?.routingKey).toBe('k')
  })

  test.each<[string, Topology, string | undefined]>([
    ['a binding takes the key', { exchanges: [dead('topic')], bindings: [bound('a.*')] }, 'a.b'],
    ['the key is not known', { exchanges: [dead('direct')], bindings: [bound('a')] }, undefined],
    ['the exchange was not seen', { exchanges: [], bindings: [] }, 'k'],
    ['the type is not known', { exchanges: [dead('x-random')], bindings: [] }, 'k'],
    ['headers decide', { exchanges: [dead('headers')], bindings: [bound('')] }, 'k'],
    [
      'an alternate exchange may be hidden',
      { exchanges: [{ ...dead('direct'), alternate: undefined }], bindings: [] },
      'k',
    ],
    [
      'the type of an alternate exchange is not known',
      {
        exchanges: [dead('direct', 'other'), { name: 'other', type: 'x-random', alternate: null }],
        bindings: [],
      },
      'k',
    ],
  ])('are not called lost where %s', (_, topology, key) => {
    expect(lost(topology, key)).toBeUndefined()
  })
})
