import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findPoisonMessage } from '#lib/broker/publish/poison-message.ts'
import type { Unconfirmed } from '#lib/broker/publish/unconfirmed.ts'
import { cases } from '../../../helpers/cases.ts'

interface Place {
  readonly exchange: string
  readonly routingKey: string
  readonly isTried: boolean
}

const closed = (code: number, text: string) =>
  new Error(`Channel closed by server: ${code} (SOME-NAME) with message "${text}"`)
const noExchange = (name: string) => closed(404, `NOT_FOUND - no exchange '${name}' in vhost '/'`)

/** Messages in the order of publishing, each to the exchange that its name begins with. */
const inFlight = (exchanges: readonly string[], size = 2): Unconfirmed<{ body: Buffer }, Place>[] =>
  exchanges.map((exchange, index) => ({
    tag: index + 1,
    message: { body: Buffer.alloc(size + index) },
    destination: { exchange, routingKey: `k${index + 1}`, isTried: false },
    wasDoubtful: false,
  }))

const ends = (error: Error, exchanges: readonly string[], processedTag = 0) =>
  findPoisonMessage(error, inFlight(exchanges), processedTag).verdicts.map(
    ({ end, mayHaveArrived }) => `${end}${mayHaveArrived ? ' ?' : ''}`,
  )

test('the message whose exchange the reply names fails alone, and those behind it were certainly not processed', () => {
  expect(ends(noExchange('b'), ['a', 'b', 'c'])).toEqual(['resent ?', 'failed', 'resent'])
})

test('where several messages go to the named exchange, all but the last may have arrived', () => {
  expect(ends(noExchange('b'), ['b', 'a', 'b', 'a'])).toEqual(['failed ?', 'resent ?', 'failed', 'resent'])
})

test('a message that the broker has processed is not the poison message', () => {
  expect(ends(noExchange('b'), ['b', 'a', 'b', 'a'], 1)).toEqual(['resent ?', 'resent ?', 'failed', 'resent'])
})

test('the only message that was not processed is the poison message, whatever the reply says', () => {
  expect(ends(closed(406, 'PRECONDITION_FAILED - something new'), ['a', 'b'], 1)).toEqual([
    'resent ?',
    'failed',
  ])
})

test('where the reply names nothing that fits, each message that was not processed is isolated', () => {
  expect(ends(closed(406, 'PRECONDITION_FAILED - something new'), ['a', 'b', 'c'], 1)).toEqual([
    'resent ?',
    'isolated ?',
    'isolated',
  ])
})

test('the default exchange, a routing key and a size are read from the reply, with how far each failure reaches', () => {
  const refused = closed(
    403,
    "ACCESS_REFUSED - access to exchange 'amq.default' in vhost '/' refused for user 'u'",
  )
  expect(ends(refused, ['a', '', 'b'])).toEqual(['resent ?', 'failed', 'resent'])
  const topic = closed(
    403,
    "ACCESS_REFUSED - access to topic 'k2' in exchange 'a' in vhost '/' refused for user 'u'",
  )
  expect(ends(topic, ['a', 'a', 'a'])).toEqual(['resent ?', 'failed', 'resent'])
  const large = closed(406, 'PRECONDITION_FAILED - message size 3 is larger than configured max size 1')
  expect(ends(large, ['a', 'a', 'a'])).toEqual(['resent ?', 'failed', 'resent'])
  expect([refused, topic, large].map((error) => findPoisonMessage(error, inFlight(['a']), 0).scope)).toEqual([
    'exchange',
    'route',
    'message',
  ])
})

describe('where each message of a place is refused alike', () => {
  const refused = closed(
    403,
    "ACCESS_REFUSED - access to topic 'k' in exchange 'a' in vhost '/' refused for user 'u'",
  )
  /** As many in flight, each third one to another routing key. */
  const refusedEnds = ({ isTried = false, processedTag = 0 }) =>
    findPoisonMessage(
      refused,
      inFlight(['a', 'a', 'a', 'a', 'a']).map((entry, index) => {
        const routingKey = index % 3 === 0 ? 'other' : 'k'
        return { ...entry, destination: { exchange: 'a', routingKey, isTried } }
      }),
      processedTag,
    ).verdicts.map(({ end, mayHaveArrived }) => `${end}${mayHaveArrived ? ' ?' : ''}`)

  test('the first one closed the channel, and none behind it arrived', () => {
    expect(refusedEnds({})).toEqual(['resent ?', 'failed', 'failed', 'resent', 'failed'])
  })

  test('all but the last may have arrived where messages with the routing key went through before', () => {
    const doubtful = ['resent ?', 'failed ?', 'failed ?', 'resent ?', 'failed']
    expect(refusedEnds({ isTried: true })).toEqual(doubtful)
    expect(refusedEnds({ processedTag: 2 })).toEqual([
      'resent ?',
      'resent ?',
      'failed ?',
      'resent ?',
      'failed',
    ])
  })

  test('the first one of a size that is too large closed the channel', () => {
    const large = closed(406, 'PRECONDITION_FAILED - message size 3 is larger than configured max size 1')
    const entries = inFlight(['a', 'a', 'a', 'a']).map((entry, index) => ({
      ...entry,
      message: { body: Buffer.alloc(index === 0 ? 1 : 3) },
    }))
    const { verdicts } = findPoisonMessage(large, entries, 0)
    expect(verdicts.map(({ end, mayHaveArrived }) => `${end}${mayHaveArrived ? ' ?' : ''}`)).toEqual([
      'resent ?',
      'failed',
      'failed',
      'failed',
    ])
  })
})

test('whatever closed the channel: no message is lost, and none is called unsent that may have been processed', () => {
  const names = fc.constantFrom('a', 'b', 'c')
  fc.assert(
    fc.property(
      fc.array(names, { minLength: 1, maxLength: 30 }),
      fc.nat(29),
      fc.nat(29),
      (exchanges, at, seen) => {
        const poison = at % exchanges.length
        // The broker processed all before the poison message, and evi knows of some of them.
        const processed = Math.min(seen, poison)
        const { verdicts } = findPoisonMessage(
          noExchange(exchanges[poison] as string),
          inFlight(exchanges),
          processed,
        )
        expect(verdicts.map(({ entry }) => entry.tag)).toEqual(exchanges.map((_, index) => index + 1))
        for (const [index, { mayHaveArrived }] of verdicts.entries())
          if (index < poison) expect(mayHaveArrived).toBe(true)
        expect(verdicts[poison]?.end).toBe('failed')
        for (const [index, { end }] of verdicts.entries())
          if (exchanges[index] !== exchanges[poison]) expect(end).toBe('resent')
      },
    ),
    { numRuns: cases(500) },
  )
})
