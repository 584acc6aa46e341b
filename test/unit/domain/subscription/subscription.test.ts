import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { isSame, StoredPasswords, type Subscription } from '#lib/domain/subscription/subscription.ts'

const subscribedAt = new Date('2026-11-23T10:00:00Z')
const stored = (socket: string, event = 'E_X'): Subscription => ({
  event,
  socket: parseSocket(socket),
  subscribedAt,
  expire: null,
})

test('a subscriber is the same for the same event and socket only', () => {
  const one = stored('rabbitmq:alice:old@H/q')
  expect(isSame(one, 'E_X', parseSocket('rabbitmq:alice:new@h:5672/persistent?q'))).toBe(true)
  expect(isSame(one, 'E_Y', one.socket)).toBe(false)
  expect(isSame(one, 'e_x', one.socket)).toBe(false)
  expect(isSame(one, 'E_X', parseSocket('rabbitmq:bob@h/q'))).toBe(false)
})

describe('the stored password', () => {
  const socket = parseSocket('rabbitmq:alice@h/persistent?q')

  test('leaves the rest of the socket as it was given', () => {
    const known = [stored('rabbitmq:alice:s3cret@H:5672/q')]
    expect(new StoredPasswords(known).complete(socket)).toEqual({ ...socket, password: 's3cret' })
  })

  test('gives way to the one that was given', () => {
    const given = parseSocket('rabbitmq:alice:new@h/q')
    expect(new StoredPasswords([stored('rabbitmq:alice:old@h/q')]).complete(given)).toBe(given)
  })

  test('comes from any event', () => {
    const known = [stored('rabbitmq:bob:b@h/q'), stored('rabbitmq:alice:a@h/q', 'E_Y')]
    expect(new StoredPasswords(known).complete(socket).password).toBe('a')
  })

  test('is found behind a subscription of the same socket that stores none', () => {
    const known = [stored('rabbitmq:alice@h/q', 'E_Y'), stored('rabbitmq:alice:s3cret@h/q')]
    expect(new StoredPasswords(known).complete(socket).password).toBe('s3cret')
  })
})
