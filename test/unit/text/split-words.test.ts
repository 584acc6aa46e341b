import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '#lib/text/shell-word.ts'
import { splitWords } from '#lib/text/split-words.ts'
import { cases } from '../../helpers/cases.ts'

test.each([
  ['./notify.sh', ['./notify.sh']],
  ['  a  b\tc\n', ['a', 'b', 'c']],
  ['sh -c \'echo "$EVI_EVENT"\'', ['sh', '-c', 'echo "$EVI_EVENT"']],
  ['sh -c "echo \\"$EVI_EVENT\\""', ['sh', '-c', 'echo "$EVI_EVENT"']],
  ['a "" \'\' b', ['a', '', '', 'b']],
  ['a\'b c\'"d"\\ e', ['ab cd e']],
  ['a \\$b "c\\d"', ['a', '$b', 'c\\d']],
  ['curl http://h/?a=b%20#c ~ *', ['curl', 'http://h/?a=b%20#c', '~', '*']],
])('%s is split into %j', (command, words) => {
  expect(splitWords(command, '--exec')).toEqual(words)
})

test('the words are those that a shell would read, whatever they are', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      expect(splitWords(['command', ...words].map(shellWord).join(' '), '--exec')).toEqual([
        'command',
        ...words,
      ])
    }),
    { numRuns: cases(40) },
  )
})

test.each([
  ["echo 'a", "--exec has a ' that does not end.\n  echo 'a\n       ^"],
  ['echo "a\\"', '--exec has a " that does not end.\n  echo "a\\"\n       ^'],
  ['echo \\', '--exec ends with a backslash.\n  echo \\\n       ^'],
  ['cat | mail', '--exec runs one command without a shell, which "|" needs.\n  cat | mail\n      ^'],
  [
    'echo a$EVI_EVENT',
    '--exec runs one command without a shell, which "$" needs.\n  echo a$EVI_EVENT\n        ^',
  ],
  ['', '--exec names no command.'],
  ['  ', '--exec names no command.'],
  ["''", '--exec names no command.'],
])('%j is refused with 64, and a caret under the place', (command, message) => {
  expect(() => splitWords(command, '--exec')).toThrow(expect.objectContaining({ code: 'usage', message }))
})
