import { expect, test } from 'vitest'
import { connectionError } from '#lib/broker/errors/network-errors.ts'

const host = { host: 'broker.test', port: 5672 }
const failed = (address: string, code: string) => Object.assign(new Error(code), { address, code })

test('addresses of a name that fail alike are one reason', () => {
  const error = new AggregateError([failed('192.0.2.1', 'ECONNREFUSED'), failed('::1', 'ECONNREFUSED')])
  expect(connectionError(error, host, 'tcp').message).toBe(
    'broker.test:5672 refuses the connection: nothing listens there.',
  )
})

test('addresses of a name that fail in different ways are named with what each of them does', () => {
  const error = new AggregateError([failed('192.0.2.1', 'ETIMEDOUT'), failed('::1', 'ECONNREFUSED')])
  expect(connectionError(error, host, 'tcp').message).toBe(
    'broker.test:5672 cannot be reached. 192.0.2.1:5672 does not answer. [::1]:5672 refuses the connection: nothing listens there.',
  )
})

test('a connection that is reset while it is opened is one of a broker that may be starting', () => {
  const { message, hint } = connectionError(failed('192.0.2.1', 'ECONNRESET'), host, 'tcp')
  expect(message).toBe('broker.test:5672 accepted the connection and reset it before any reply (ECONNRESET).')
  expect(hint).toMatch(/^A broker that is starting or stopping does so/)
})
