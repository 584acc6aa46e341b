import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { styleFor } from '#lib/terminal/style.ts'
import {
  renderSubscribed,
  renderSubscriptions,
  subscriptionDocument,
  subscriptionsJson,
} from '#lib/views/subscriptions/render-subscriptions.ts'

const plain = styleFor({}, {})
const subscribedAt = new Date('2026-11-23T10:00:00Z')
const stored = (event: string, socket: string, expire: number | null = null) => ({
  event,
  socket: parseSocket(socket),
  subscribedAt,
  expire,
})
const at = (seconds: number) => new Date(subscribedAt.getTime() + seconds * 1000)

test('the table shows event, socket and time to live, and no password', () => {
  const subscriptions = [
    stored('E_PIKE_BLOCKED', 'rabbitmq:alice:s3cret@h/q'),
    stored('E\u202eX', 'rabbitmq:h/a%1Bb', 60),
  ]
  expect(renderSubscriptions(subscriptions, subscribedAt, plain)).toBe(
    [
      'EVENT           SOCKET                       TIME TO LIVE',
      'E_PIKE_BLOCKED  rabbitmq:alice@h:5672/q      for ever',
      'E\\u{202e}X      rabbitmq:guest@h:5672/a%1Bb  1 min',
      '',
    ].join('\n'),
  )
})

test('the document has the members of the SPEC in their order, and no password', () => {
  const subscription = stored(
    'E_X',
    'rabbitmq:alice:s3cret@h,i:1/exchange=e;persistent;tls_domain=t;vhost=v?k',
    60,
  )
  expect(JSON.stringify(subscriptionDocument(subscription, at(1.5)))).toBe(
    JSON.stringify({
      event: 'E_X',
      socket: 'rabbitmq:alice@h:5671,i:1/exchange=e;vhost=v;persistent;tls_domain=t?k',
      user: 'alice',
      hosts: [
        { host: 'h', port: 5671 },
        { host: 'i', port: 1 },
      ],
      vhost: 'v',
      exchange: 'e',
      routingKey: 'k',
      persistent: true,
      tlsDomain: 't',
      expire: 60,
      ttl: 59,
      subscribedAt: '2026-11-23T10:00:00.000Z',
    }),
  )
  expect(subscriptionDocument(stored('E_X', 'rabbitmq:h/q'), at(1))).toMatchObject({
    tlsDomain: null,
    expire: null,
    ttl: null,
  })
})

describe('what subscribe says', () => {
  test.each([
    ['rabbitmq:h/q', null, false, '✔ Subscribed rabbitmq:guest@h:5672/q to E_X.\n'],
    ['rabbitmq:h/q', 90, true, '✔ Renewed rabbitmq:guest@h:5672/q to E_X, for 1 min 30 s.\n'],
    ['rabbitmq:alice:s3cret@h/q', null, false, '✔ Subscribed rabbitmq:alice@h:5672/q to E_X.\n'],
    [
      'rabbitmq:alice@h/q',
      null,
      false,
      '✔ Subscribed rabbitmq:alice@h:5672/q to E_X with the default password, guest.\n',
    ],
  ] as const)('of %s for %s seconds', (socket, expire, renewed, words) => {
    expect(renderSubscribed(stored('E_X', socket, expire), renewed, plain)).toBe(words)
  })

  test.each([
    [1, '1 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3599, '59 min 59 s'],
    [3600, '1 h'],
    [3661, '1 h 1 min'],
    [86_400, '1 d'],
    [86_430, '1 d 30 s'],
    [2_147_483_647, '24855 d 3 h'],
  ])('%i seconds are %s', (seconds, words) => {
    expect(renderSubscribed(stored('E_X', 'rabbitmq:h/q', seconds), false, plain)).toContain(
      `, for ${words}.\n`,
    )
  })
})

test.each([0, 1, 1000])('the JSON of %i subscriptions comes in pieces that are one document', (length) => {
  const subscriptions = Array.from({ length }, (_, index) => stored(`E_${index}`, 'rabbitmq:h/q'))
  const pieces = [...subscriptionsJson(subscriptions, subscribedAt)]
  const documents = subscriptions.map((one) => subscriptionDocument(one, subscribedAt))
  expect(pieces.join('')).toBe(`${JSON.stringify({ subscriptions: documents })}\n`)
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(66_000)
})
