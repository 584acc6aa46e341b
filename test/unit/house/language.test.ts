import { expect, test } from 'vitest'
import { bannedWords } from '../../../scripts/lint-language.ts'

test.each([
  'Whoever reads it',
  'how long a subscription shall live',
  'const patience = 1',
  'what AMQP tells',
  'the port; 5672 unless given',
  'events on their way',
  'const letIn = false',
  'const isCulprit = false',
  '--a and --b exclude each other',
  'the default user (SPEC 1)',
  'the socket’s login',
])('the lint refuses a banned word: %s', (text) => {
  expect(bannedWords(`fine\n${text}`)).toEqual([
    { line: 2, word: expect.any(String), instead: expect.any(String) },
  ])
})

test.each(['an event in flight', 'the broker says why', 'a retry budget', "the socket's login"])(
  'the lint lets plain English pass: %s',
  (text) => {
    expect(bannedWords(text)).toEqual([])
  },
)
