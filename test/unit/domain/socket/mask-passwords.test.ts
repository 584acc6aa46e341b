import { expect, test } from 'vitest'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'

test.each([
  ['Unexpected argument: rabbitmq:u:s3cret@h/q.', 'Unexpected argument: rabbitmq:u:***@h/q.'],
  ['rabbitmq:u:s3:cr@et@h/q and amqp://u:s3cret@h', 'rabbitmq:u:***@h/q and amqp://u:***@h'],
  ['rabbitmq:u:s3cret', 'rabbitmq:u:***'],
  ['rabbitmq:u@h:5672/us@er is not there', 'rabbitmq:u@h:5672/us@er is not there'],
  ['rabbitmq:u:s3cret@h:5672/us@er', 'rabbitmq:u:***@h:5672/us@er'],
  ['http://u:s3cr@et/x@h:15672', 'http://u:***@h:15672'],
  ['at https://h:15672/a@b', 'at https://h:15672/a@b'],
  ['"u:s3cret@h/q" and //u:s3c@ret@h', '"u:***@h/q" and //u:***@h'],
  ['sip:alice@example.com', 'sip:alice@example.com'],
  ['at load (file:///home/u/node_modules/@x/y.js:1:2)', 'at load (file:///home/u/node_modules/@x/y.js:1:2)'],
  ['nothing of the kind: a@b', 'nothing of the kind: a@b'],
])('%s', (text, masked) => {
  expect(maskPasswords(text)).toBe(masked)
})
