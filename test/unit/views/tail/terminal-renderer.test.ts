import { expect, test } from 'vitest'
import { terminalRenderer } from '#lib/views/tail/terminal-renderer.ts'

const line = `${'x'.repeat(100)}\n`
const widthOf = (columns: number | undefined) => {
  let cuts = 0
  const render = terminalRenderer(() => line, { columns: () => columns, more: '~', onCut: () => cuts++ })
  const first = String(render([]))
  render([])
  return { width: first.trimEnd().length, cuts }
}

test.each([
  ['is cut at the width of the terminal, which is said once', 80, { width: 80, cuts: 1 }],
  ['keeps 40 columns on a terminal that is narrower', 20, { width: 40, cuts: 1 }],
  ['stays whole where it fits', 100, { width: 100, cuts: 0 }],
  ['stays whole where the terminal does not say its width', undefined, { width: 100, cuts: 0 }],
])('a line of tail %s', (_, columns, expected) => {
  expect(widthOf(columns)).toEqual(expected)
})
