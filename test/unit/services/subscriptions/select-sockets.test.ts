import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'

describe('the sockets to serve', () => {
  test('are each there once, in the order of their first mention', () => {
    const sockets = ['rabbitmq:h/b', 'rabbitmq:h/a', 'rabbitmq:H:5672/b', 'rabbitmq:bob@h/b'].map(parseSocket)
    expect(distinctSockets(sockets).map(({ user, routingKey }) => [user, routingKey])).toEqual([
      ['guest', 'b'],
      ['guest', 'a'],
      ['bob', 'b'],
    ])
  })

  test('log in with the stored password where they name none', () => {
    const socket = parseSocket('rabbitmq:alice:s3cret@h/q')
    const live = [{ event: 'E_X', socket, subscribedAt: new Date(0), expire: null }]
    const sockets = ['rabbitmq:alice@h/q', 'rabbitmq:alice@h/other'].map(parseSocket)
    expect(completeSockets(sockets, () => live).map(({ password }) => password)).toEqual([
      's3cret',
      undefined,
    ])
  })
})

test.each([
  [['E_X'], 'E_X has no subscribers.', /evi subscribe E_X rabbitmq:/],
  [['E_X', 'E_Y'], 'E_X, E_Y have no subscribers.', /evi subscribe E_X rabbitmq:/],
  [[], 'There are no subscriptions.', /evi subscribe EVENT rabbitmq:/],
])('no subscriber for %j is an error that says how to add one', (events, message, hint) => {
  expect(() => requireSubscribers([], events)).toThrow(
    expect.objectContaining({ code: 'no-subscriber', exit: 4, message, hint: expect.stringMatching(hint) }),
  )
})

test('with a subscriber nothing is refused', () => {
  expect(() => requireSubscribers([parseSocket('rabbitmq:h/q')], ['E_X'])).not.toThrow()
})
