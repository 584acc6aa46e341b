import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Unsettled } from '#lib/broker/publish/unconfirmed.ts'
import { cases } from '../../../helpers/cases.ts'

const message = (text: string) => ({ body: Buffer.from(text) })

test('confirms settle each message once, in any order, alone or with all before', () => {
  const step = fc.oneof(fc.constant('add' as const), fc.record({ tag: fc.nat(400), multiple: fc.boolean() }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000 }), (steps) => {
      const unsettled = new Unsettled()
      const open = new Set<number>()
      let last = 0
      for (const one of steps) {
        if (one === 'add') {
          unsettled.add(message(String(++last)))
          open.add(last)
          continue
        }
        const tag = last - one.tag
        if (tag < 1) continue
        const settled: number[] = []
        unsettled.settle(tag, one.multiple, ({ body }) => settled.push(Number(body)))
        const expected = [...open].filter((each) => (one.multiple ? each <= tag : each === tag))
        expect(settled).toEqual(expected)
        for (const each of expected) open.delete(each)
        expect(unsettled.size).toBe(open.size)
      }
      expect(unsettled.lastTag).toBe(last)
      expect(unsettled.takeAll().map(({ body }) => Number(body))).toEqual([...open])
    }),
    { numRuns: cases(50) },
  )
})

test('a message that came back is known by its content, the first of those that are alike', () => {
  const unsettled = new Unsettled()
  for (const text of ['a', 'b', 'a', 'b', 'c']) unsettled.add(message(text))
  unsettled.returned(Buffer.from('b'))
  unsettled.returned(Buffer.from('b'))
  const fates: [string, boolean][] = []
  unsettled.settle(5, true, ({ body }, returned) => fates.push([body.toString(), returned]))
  expect(fates).toEqual([
    ['a', false],
    ['b', true],
    ['a', false],
    ['b', true],
    ['c', false],
  ])
})

test('those that are settled count, whatever is added meanwhile', () => {
  const unsettled = new Unsettled()
  for (const text of ['a', 'b']) unsettled.add(message(text))
  expect(unsettled.settle(1, false, () => unsettled.add(message('c')))).toBe(1)
  expect(unsettled.takeAll().map(({ body }) => body.toString())).toEqual(['b', 'c'])
})
