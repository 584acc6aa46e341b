import { expect, test } from 'vitest'
import { noBinding } from '#lib/domain/failure/remedies.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

test.each([
  ['amq.topic', 'The exchange "amq.topic" has no binding to a running queue that takes the routing key "k".'],
  ['amq.fanout', 'The fanout exchange "amq.fanout" has no binding to a running queue.'],
  [
    'amq.match',
    'headers exchange "amq.match" has no binding to a running queue that matches a message without',
  ],
  [
    'own',
    'The exchange "own" has no binding to a running queue that takes a message with the routing key "k".',
  ],
  ['constructor', 'has no binding to a running queue that takes a message with the routing key "k".'],
])('of the exchange %s it says what can be known without its type', (exchange, reason) => {
  expect(noBinding(parseSocket(`rabbitmq:h/${exchange}?k`)).reason).toContain(reason)
})

test.each([
  ['direct', 'The exchange "own" has no binding that takes the routing key "k".'],
  ['fanout', 'The fanout exchange "own" has no binding.'],
  ['headers', `The headers exchange "own" has no binding that matches the message's headers.`],
  ['x-random', 'The exchange "own" has no binding that takes a message with the routing key "k".'],
])('of an exchange of the type %s it says what that compares', (type, reason) => {
  expect(noBinding(parseSocket('rabbitmq:h/own?k'), { type, headers: { a: 1 } }).reason).toBe(reason)
})

test('headers are part of the remedy where the exchange compares them, or may do so', () => {
  const hint = (exchange: string) =>
    noBinding(parseSocket(`rabbitmq:h/${exchange}?k`), { headers: { a: 1 } })
      .hint.split('\n')
      .slice(0, -1)
  expect(hint('amq.topic')).toEqual([expect.not.stringContaining('--header')])
  expect(hint('amq.headers')).toEqual([expect.stringContaining('--header a:=1')])
  expect(hint('own')).toEqual([
    expect.not.stringContaining('--header'),
    expect.stringMatching(/if it is a headers exchange: .* --header a:=1$/),
  ])
})
