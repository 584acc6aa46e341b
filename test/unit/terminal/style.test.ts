import { expect, test } from 'vitest'
import { styleFor } from '#lib/terminal/style.ts'

test('colours a terminal, each text alone', async () => {
  const { strong, good } = await styleFor({ isTTY: true }, {})
  expect(['a', 'b'].map(strong)).toEqual(['\u001b[1ma\u001b[22m', '\u001b[1mb\u001b[22m'])
  expect(good('ok')).toBe('\u001b[32mok\u001b[39m')
})

test.each([
  ['a pipe', { isTTY: false }, {}],
  ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }],
])('leaves the text as it is for %s', async (_, stream, environment) => {
  const { strong, bad } = await styleFor(stream, environment)
  expect([strong('a'), bad('b')]).toEqual(['a', 'b'])
})
