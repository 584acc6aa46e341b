import { expect, test } from 'vitest'
import { CautionLines } from '#lib/views/tail/caution-lines.ts'

function said(exchanges: number, kind: 'exchange' | 'auto-delete' = 'auto-delete'): readonly string[] {
  const lines: string[] = []
  const cautions = new CautionLines((line) => lines.push(line))
  for (let number = 0; number < exchanges; number++) {
    const caution = { kind, exchange: `x${number}` } as const
    cautions.show(caution)
    cautions.show(caution)
  }
  expect(lines).toHaveLength(1)
  cautions.flush()
  cautions.flush()
  return lines
}

test('a caution is said at once, and that of a few other exchanges in full', () => {
  expect(said(10)).toEqual(Array.from({ length: 10 }, (_, number) => expect.stringContaining(`"x${number}"`)))
})

test('what is so for many exchanges is one more line', () => {
  expect(said(201, 'exchange')).toEqual([
    expect.stringContaining('the type of the exchange "x0"'),
    'This user cannot see the types of 200 other exchanges, either, such as "x1".',
  ])
})
