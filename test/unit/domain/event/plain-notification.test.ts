import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNotification } from '#lib/domain/event/notification.ts'
import { eventOfPlainNotification } from '#lib/domain/event/plain-notification.ts'

const plain = '{"jsonrpc":"2.0","method":"E_X","params":{"ip":"10.0.0.1","n":-12,"t":""}}'

test.each([plain, '{"jsonrpc":"2.0","method":"ü","params":{}}'])('%s is plain', (text) => {
  expect(eventOfPlainNotification(text)).toBe(JSON.parse(text).method)
})

test.each([
  ['another version', plain.replace('2.0', '2x0')],
  ['an escape', plain.replace('10.0', '\\u0031')],
  ['a control character', plain.replace('10.0', '\n')],
  ['a number that JSON does not have', plain.replace('-12', '012')],
  ['a last comma', plain.replace('}}', ',}}')],
  ['a blank', `${plain} `],
  ['more behind it', `${plain}{}`],
  ['a value of another kind', plain.replace('-12', 'null')],
  ['no params', '{"jsonrpc":"2.0","method":"E_X"}'],
  ['very many params', `${plain.slice(0, -2)}${',"n":1'.repeat(100_000)}}}`],
])('a notification with %s is left to the parser', (_what, text) => {
  expect(eventOfPlainNotification(text)).toBeUndefined()
})

test('what is plain is a notification of that event to a parser, too', () => {
  const piece = fc.constantFrom(
    ...['"', '\\', ',', ':', '{', '}', '[', '0', '1', '-', 'e', '.', 'a', ' ', '\t', '\u007f', '\u2028'],
    ...['"a":1', ',"b":"c"', '"a"', '{"jsonrpc":"2.0","method":"', '","params":{', '}}'],
  )
  const changed = fc
    .tuple(fc.nat(plain.length), fc.nat(8), fc.array(piece, { maxLength: 4 }))
    .map(([at, length, pieces]) => plain.slice(0, at) + pieces.join('') + plain.slice(at + length))
  fc.assert(
    fc.property(changed, (text) => {
      const event = eventOfPlainNotification(text)
      if (event === undefined) return
      const value: unknown = JSON.parse(text)
      expect(isNotification(value) && value.method).toBe(event)
    }),
    { numRuns: 5000 },
  )
})
