import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '#lib/text/shell-word.ts'
import { cases } from '../../helpers/cases.ts'

test.each([
  ['guest', 'guest'],
  ['rabbitmq:guest@127.0.0.1:5672/pike', 'rabbitmq:guest@127.0.0.1:5672/pike'],
  ['rabbitmq:h/ex?rk', "'rabbitmq:h/ex?rk'"],
  ['', "''"],
  ['two\nlines', `"$(printf 'two\\012lines')"`],
  ["it's", "'it'\\''s'"],
])('%j is written %s', (text, written) => {
  expect(shellWord(text)).toBe(written)
})

test('a shell reads back what was meant, whatever it is', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !/[\0\ud800-\udfff]|\n$/.test(text))
  fc.assert(
    fc.property(fc.array(word, { maxLength: 50 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`
      const said = execFileSync('/bin/sh', ['-c', script]).toString().split('\0')
      expect(words.length === 0 ? [] : said.slice(0, -1)).toEqual(words)
    }),
    { numRuns: cases(30) },
  )
})

test('a command stays on one line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Cc}/u.test(shellWord(text))))
})
