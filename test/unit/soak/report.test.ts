import { expect, test } from 'vitest'
import { allKept, renderReport, reportDocument } from '../../../soak/report.ts'
import type { Outcome } from '../../../soak/scenario.ts'

const kept: Outcome = {
  events: 1_000_000,
  faults: 20,
  lost: 0,
  duplicated: 7,
  complaints: [],
  notes: ['80 MB'],
}
const scenario = { name: 'kill', promise: 'Nothing is lost.', run: async () => kept }
const reportOf = (...outcomes: (Outcome | string)[]) => ({
  results: outcomes.map((outcome) => ({ scenario, outcome, seconds: 1.26 })),
  command: 'npm run soak',
  seed: 42,
  date: new Date('2026-11-25T12:00:00Z'),
  facts: ['2 cores'],
})

test('a report has command, seed and machine, and what came of each scenario', () => {
  const text = renderReport(reportOf(kept))
  for (const words of [
    '`npm run soak` on 2026-11-25 with the seed 42',
    '- 2 cores',
    'Nothing is lost.',
    '- 80 MB',
  ]) {
    expect(text).toContain(words)
  }
  expect(text).toContain('| kill | 1,000,000 | 20 | 0 | 7 | 1.3 | ✔ |')
})

test.each<[string, Outcome | string]>([
  ['an event that is nowhere', { ...kept, lost: 1 }],
  ['a complaint', { ...kept, complaints: ['evi ended with 3.'] }],
  ['a scenario that could not be carried through', 'No broker.'],
])('%s breaks the promise', (_, outcome) => {
  const report = reportOf(kept, outcome)
  expect(allKept(report)).toBe(false)
  expect(renderReport(report)).toMatch(/✖/)
  expect(reportDocument(report)).toMatchObject({ kept: false, scenarios: [{ kept: true }, { kept: false }] })
})

test('duplicates alone do not', () => {
  expect(allKept(reportOf(kept))).toBe(true)
})
