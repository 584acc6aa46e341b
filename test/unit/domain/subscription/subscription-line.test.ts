import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { readSubscriptionLine } from '#lib/domain/subscription/subscription-line.ts'

const socket = parseSocket('rabbitmq:alice:s3cret@h/q')

test.each([
  ['E_X rabbitmq:alice:s3cret@h/q', undefined],
  ['\tE_X   rabbitmq:alice:s3cret@h/q 60 \r', 60],
  ['{"event":"E_X","socket":"rabbitmq:alice:s3cret@h/q"}', undefined],
  ['{"event":"E_X","socket":"rabbitmq:alice:s3cret@h/q","expire":null,"ttl":null,"user":"x"}', null],
  ['{"event":"E_X","socket":"rabbitmq:alice:s3cret@h/q","expire":60}', 60],
])('%j is a subscription', (line, expire) => {
  expect(readSubscriptionLine(line)).toEqual({ event: 'E_X', socket, expire })
})

test.each(['', '  ', '\r', '# E_X rabbitmq:h/q'])('%j is none', (line) => {
  expect(readSubscriptionLine(line)).toBeUndefined()
})

test.each([
  ['E_X', /Not of the form EVENT SOCKET/],
  ['E_X rabbitmq:h/q 60 more', /Not of the form/],
  ['E_X rabbitmq:h/q soon', /The expiry is "soon"/],
  ['rabbitmq:h/q E_X', /A socket stands where the event name belongs/],
  ['E_X rabbitmq:alice:s3cret@h', /expected "\/"/],
  ['{"event":"E_X","socket":"rabbitmq:alice:s3cret@h/q"', /Not JSON/],
  ['{"event":"E_X"}', /"event" and "socket"/],
  ['{"event":"E_X","socket":"rabbitmq:h/q","expire":0}', /"expire" is "0"/],
])('%j is refused, and no password shown', (line, words) => {
  expect(() => readSubscriptionLine(line)).toThrow(words)
  expect(() => readSubscriptionLine(line)).not.toThrow(/s3cret/)
})
