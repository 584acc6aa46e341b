import { describe, expect, test } from 'vitest'
import { renderChart } from '../../../bench/chart.ts'
import { renderReport } from '../../../bench/report.ts'
import { isMet, type Row, ratioOf } from '../../../bench/row.ts'

const row: Row = {
  what: '`evi raise -`',
  against: 'C & <librabbitmq>',
  target: { atLeast: 1 },
  unit: '/s',
  measured: [100, 30, 80],
  reference: [50, 20, 100],
}
const missing: Row = { ...row, measured: [], reference: [], missing: 'It was not built.' }

describe('a ratio', () => {
  test('is the median of the ratios of the rounds, not the quotient of the medians', () => {
    expect(ratioOf(row)).toEqual({ median: 1.5, lowest: 0.8, highest: 2 })
  })

  test('of an even number of rounds is between the middle ones', () => {
    expect(ratioOf({ ...row, measured: [1, 2, 3, 4], reference: [1, 1, 1, 1] })?.median).toBe(2.5)
  })

  test.each<[Row['target'], boolean | undefined]>([
    [{ atLeast: 1.5 }, true],
    [{ atLeast: 1.51 }, false],
    [{ atMost: 1.5 }, true],
    [{ atMost: 1.49 }, false],
    [null, undefined],
  ])('of 1.5 against the target %j: %s', (target, met) => {
    expect(isMet({ ...row, target })).toBe(met)
  })

  test('that was not measured meets nothing and misses nothing', () => {
    expect(isMet(missing)).toBeUndefined()
  })
})

describe('a report', () => {
  const group = { name: 'publish', method: 'How.', measure: async () => [] }
  const report = { command: 'npm run bench', date: new Date('2026-11-23T12:00:00Z'), facts: ['2 cores'] }

  test('says by which command it was made, on what, and how each group was measured', () => {
    const text = renderReport({ ...report, results: [{ group, rows: [row] }] })
    for (const words of ['`npm run bench` on 2026-11-23', '- 2 cores', '## publish\n\nHow.']) {
      expect(text).toContain(words)
    }
  })

  test('has the ratio, its range and the numbers behind it', () => {
    const text = renderReport({ ...report, results: [{ group, rows: [row] }] })
    expect(text).toContain('| ≥ 1.0 | **1.50** | 0.80–2.00 | 3 | 80.0/s : 50.0/s | ✔ |')
  })

  test('says why a row is missing', () => {
    expect(renderReport({ ...report, results: [{ group, rows: [missing] }] })).toContain('It was not built.')
  })
})

describe('a chart', () => {
  test('has a bar for each row with a target that was measured', () => {
    const bars = (...rows: Row[]) => renderChart(rows).match(/class="(met|missed)"/g)
    expect(bars(row, { ...row, target: { atMost: 1 } }, { ...row, target: null }, missing)).toEqual([
      'class="met"',
      'class="missed"',
    ])
  })

  test('keeps text from being taken for XML', () => {
    expect(renderChart([row])).toContain('against C &amp; &lt;librabbitmq></text>')
  })
})
