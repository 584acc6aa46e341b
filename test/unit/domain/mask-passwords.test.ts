import { expect, test } from 'vitest'
import { maskPasswords } from '../../../src/lib/domain/mask-passwords.ts'

test.each([
  ['Unexpected argument: rabbitmq:u:s3cret@h/q.', 'Unexpected argument: rabbitmq:u:***@h/q.'],
  ['rabbitmq:u:s3:cr@et@h/q and amqp://u:s3cret@h', 'rabbitmq:u:***@h/q and amqp://u:***@h'],
  ['rabbitmq:u:s3cret', 'rabbitmq:u:***'],
  ['rabbitmq:u@h:5672/us@er is not there', 'rabbitmq:u@h:5672/us@er is not there'],
  ['rabbitmq:u:s3cret@h:5672/us@er', 'rabbitmq:u:***@h:5672/us@er'],
  ['nothing of the kind: a@b', 'nothing of the kind: a@b'],
])('%s', (text, masked) => {
  expect(maskPasswords(text)).toBe(masked)
})
