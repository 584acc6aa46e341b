import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnconfirmedMessages } from '#lib/broker/publish/unconfirmed.ts'
import { cases } from '../../../helpers/cases.ts'

const message = (text: string) => ({ body: Buffer.from(text) })
const place = { exchange: 'x', routingKey: 'k' }
const elsewhere = { exchange: 'x', routingKey: 'other' }

test('confirms settle each message once, in any order, alone or with all before', () => {
  const step = fc.oneof(fc.constant('add' as const), fc.record({ tag: fc.nat(400), multiple: fc.boolean() }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000 }), (steps) => {
      const unconfirmed = new UnconfirmedMessages()
      const open = new Set<number>()
      let last = 0
      for (const one of steps) {
        if (one === 'add') {
          unconfirmed.add(message(String(++last)), place)
          open.add(last)
          continue
        }
        const tag = last - one.tag
        if (tag < 1) continue
        const settled: number[] = []
        unconfirmed.settle(tag, one.multiple, ({ body }) => settled.push(Number(body)))
        const expected = [...open].filter((each) => (one.multiple ? each <= tag : each === tag))
        expect(settled).toEqual(expected)
        for (const each of expected) open.delete(each)
        expect(unconfirmed.size).toBe(open.size)
      }
      expect(unconfirmed.takeAll().map(({ message }) => Number(message.body))).toEqual([...open])
    }),
    { numRuns: cases(50) },
  )
})

test('a returned message is known by its route and content, the first of those that are alike', () => {
  const unconfirmed = new UnconfirmedMessages()
  for (const text of ['a', 'b', 'a', 'b', 'c']) {
    unconfirmed.add(message(text), elsewhere)
    unconfirmed.add(message(text), place)
  }
  unconfirmed.returned(place, Buffer.from('b'))
  unconfirmed.returned(place, Buffer.from('b'))
  expect(unconfirmed.processedTag).toBe(8)
  const returned: [number, string][] = []
  let tag = 0
  unconfirmed.settle(10, true, ({ body }, _place, wasReturned) => {
    tag++
    if (wasReturned) returned.push([tag, body.toString()])
  })
  expect(returned).toEqual([
    [4, 'b'],
    [8, 'b'],
  ])
})

test('messages that are settled count, whatever is added at the same time', () => {
  const unconfirmed = new UnconfirmedMessages()
  for (const text of ['a', 'b']) unconfirmed.add(message(text), place)
  expect(unconfirmed.settle(1, false, () => unconfirmed.add(message('c'), place))).toBe(1)
  expect(unconfirmed.takeAll().map(({ tag, message }) => [tag, message.body.toString()])).toEqual([
    [2, 'b'],
    [3, 'c'],
  ])
})

test('messages up to a delivery tag are taken, with whether each was published before', () => {
  const unconfirmed = new UnconfirmedMessages()
  for (const text of ['a', 'b', 'c']) unconfirmed.add(message(text), place, text !== 'a')
  expect(unconfirmed.takeUntil(2).map(({ tag, wasDoubtful }) => [tag, wasDoubtful])).toEqual([
    [1, false],
    [2, true],
  ])
  expect(unconfirmed.size).toBe(1)
  expect(unconfirmed.takeUntil(2)).toEqual([])
})
