import { expect, test } from 'vitest'
import { Random } from '../../../soak/random.ts'
import { numberedEvents, numberOf } from '../../../soak/stream/events.ts'
import { Tally } from '../../../soak/stream/tally.ts'

test('a number is lost when no tally has it, and repeated as often as it came too many', () => {
  const arrived = new Tally(20)
  const failed = new Tally(20)
  for (const number of [0, 1, 1, 1, 7, 8, 19]) arrived.add(number)
  for (const number of [2, 3]) failed.add(number)
  expect(Tally.missing({ from: 0, to: 9 }, arrived, failed)).toBe(3)
  expect(Tally.missing({ from: 7, to: 9 }, arrived)).toBe(0)
  expect({ count: arrived.count, repeated: arrived.repeated }).toEqual({ count: 5, repeated: 2 })
})

test('what was never sent counts as strange, and as nothing else', () => {
  const tally = new Tally(10)
  for (const number of [-1, 10, Number.NaN]) tally.add(number)
  expect({ count: tally.count, strange: tally.strange }).toEqual({ count: 0, strange: 3 })
})

test('an event has its number, and any other text has none', () => {
  const lines = numberedEvents({ from: 9, to: 12 }).trimEnd().split('\n')
  expect(lines.map((line) => numberOf(Buffer.from(line)))).toEqual([9, 10, 11])
  for (const text of ['', '9', `${lines[0]} `, lines[0]?.slice(1)]) {
    expect(numberOf(Buffer.from(text ?? ''))).toBeNaN()
  }
})

test('the same seed and scenario give the same faults, whatever ran before', () => {
  const faults = (seed: number, name: string) => Random.for(seed, name).spread(20, 1_000_000)
  expect(faults(7, 'kill')).toEqual(faults(7, 'kill'))
  expect(faults(7, 'kill')).not.toEqual(faults(7, 'leader'))
  expect(faults(7, 'kill')).not.toEqual(faults(8, 'kill'))
  const places = faults(7, 'kill')
  for (const [index, place] of places.entries()) expect(Math.floor(place / 50_000)).toBe(index)
})
