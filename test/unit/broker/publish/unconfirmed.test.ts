import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnconfirmedMessages } from '#lib/broker/publish/unconfirmed.ts'
import { cases } from '../../../helpers/cases.ts'

const message = (text: string) => ({ body: Buffer.from(text) })

test('confirms settle each message once, in any order, alone or with all before', () => {
  const step = fc.oneof(fc.constant('add' as const), fc.record({ tag: fc.nat(400), multiple: fc.boolean() }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000 }), (steps) => {
      const unconfirmed = new UnconfirmedMessages()
      const open = new Set<number>()
      let last = 0
      for (const one of steps) {
        if (one === 'add') {
          unconfirmed.add(message(String(++last)))
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
      expect(unconfirmed.takeAll().map(({ body }) => Number(body))).toEqual([...open])
    }),
    { numRuns: cases(50) },
  )
})

test('a message that came back is known by its content, the first of those that are alike', () => {
  const unconfirmed = new UnconfirmedMessages()
  for (const text of ['a', 'b', 'a', 'b', 'c']) unconfirmed.add(message(text))
  unconfirmed.returned(Buffer.from('b'))
  unconfirmed.returned(Buffer.from('b'))
  const fates: [string, boolean][] = []
  unconfirmed.settle(5, true, ({ body }, returned) => fates.push([body.toString(), returned]))
  expect(fates).toEqual([
    ['a', false],
    ['b', true],
    ['a', false],
    ['b', true],
    ['c', false],
  ])
})

test('those that are settled count, whatever is added meanwhile', () => {
  const unconfirmed = new UnconfirmedMessages()
  for (const text of ['a', 'b']) unconfirmed.add(message(text))
  expect(unconfirmed.settle(1, false, () => unconfirmed.add(message('c')))).toBe(1)
  expect(unconfirmed.takeAll().map(({ body }) => body.toString())).toEqual(['b', 'c'])
})
