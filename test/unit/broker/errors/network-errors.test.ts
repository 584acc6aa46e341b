import { expect, test } from 'vitest'
import { connectionError } from '#lib/broker/errors/network-errors.ts'

const host = { host: 'broker.test', port: 5672 }
const failed = (address: string, code: string) => Object.assign(new Error(code), { address, code })

test('addresses of a name that fail alike are one reason', () => {
  const error = new AggregateError([failed('192.0.2.1', 'ECONNREFUSED'), failed('::1', 'ECONNREFUSED')])
  expect(connectionError(error, host).message).toBe(
    'broker.test:5672 refuses the connection: nothing listens there.',
  )
})

test('addresses of a name that fail in different ways are named with what each of them does', () => {
  const error = new AggregateError([failed('192.0.2.1', 'ETIMEDOUT'), failed('::1', 'ECONNREFUSED')])
  expect(connectionError(error, host).message).toBe(
    'broker.test:5672 cannot be reached. 192.0.2.1:5672 does not answer. [::1]:5672 refuses the connection: nothing listens there.',
  )
})
