import { expect, test } from 'vitest'
import { paragraphs, roff } from '#lib/cli/help/roff.ts'

test.each([
  ['a-b \\ c', 'a\\-b \\e c'],
  [".TH is a request, and 'x one, too", '\\&.TH is a request, and \\(aqx one, too'],
  ['first\n.second', 'first\n\\&.second'],
  ['~/.config ^ `x`', '\\(ti/.config \\(ha \\(gax\\(ga'],
  ['[EVENT…] → ä', '[EVENT...] \\-> \\[u00E4]'],
])('roff takes %j for text', (text, expected) => {
  expect(roff(text)).toBe(expected)
})

test('blank lines keep paragraphs apart', () => {
  expect(paragraphs('one\n\ntwo')).toBe('one\n.PP\ntwo')
})
