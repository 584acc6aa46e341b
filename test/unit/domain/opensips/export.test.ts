import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten } from '#lib/domain/opensips/config/syntax/flatten.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'
import { readVersion } from '#lib/domain/opensips/version.ts'
import { quoteForRoute } from '#lib/domain/opensips/write-socket.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { identityOf, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { exportSubscriptions } from '#lib/services/export/export-subscriptions.ts'
import { cases } from '../../../helpers/cases.ts'

const odd = fc.constantFrom(
  ...[...'%@:/?;=,$\\"\'#{}()[]*&|!<>+-_. ~^`äß€🐇\u200b\u202e\u{e0041}0aFxX'],
  '/*',
  '*/',
  '$$',
  '$var(x)',
  '\\x41',
  '%41',
  'exchange=',
  'persistent',
  'tls_domain=',
)
const name = (minLength = 0) =>
  fc
    .array(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 2 })), { minLength, maxLength: 8 })
    .map((parts) => parts.join(''))
    .filter(
      (text) =>
        text.length >= minLength &&
        text.isWellFormed() &&
        !/\p{Cc}/u.test(text) &&
        Buffer.byteLength(text) < 200,
    )

const socket: fc.Arbitrary<Socket> = fc.record({
  hosts: fc.tuple(
    fc.record({
      host: fc.constantFrom('h', '127.0.0.1', 'rmq.example.com'),
      port: fc.integer({ min: 1, max: 65535 }),
    }),
  ),
  user: name(1),
  anonymous: fc.constant(false),
  password: fc.option(name(), { nil: undefined }),
  vhost: fc.constant('/'),
  exchange: name(),
  routingKey: name(1),
  persistent: fc.boolean(),
  tlsDomain: fc.constantFrom(null, null, 'rmq', 'ä ;?%$"\\'),
})
const anyEvent = name(1).filter(
  (text) =>
    /^[^\s\p{C}\p{Z}\p{DI}]+$/u.test(text) &&
    Buffer.byteLength(text) <= 64 &&
    !text.includes('rabbitmq:') &&
    !text.includes('@') &&
    text !== '-',
)
/** A `$` begins a variable there, so that OpenSIPS registers no such event. */
const event = anyEvent.filter((text) => !text.includes('$'))

const domains: readonly TlsDomain[] = ['rmq', 'ä ;?%$"\\'].map((domain) => ({
  name: domain,
  ca: null,
  certificate: '/etc/a "b" $c\\d.pem',
  privateKey: '/etc/key\u200b.pem',
  verifyCert: false,
  serverName: null,
}))

function write(
  subscriptions: readonly { event: string; socket: Socket }[],
  version = '3.2',
  { mi = false } = {},
) {
  return exportSubscriptions({
    subscriptions: subscriptions.map((one) => ({ ...one, subscribedAt: new Date(0), expire: null })),
    version: readVersion('--for', version),
    mi,
    withPasswords: true,
    settings: { heartbeat: 3, connect_timeout: 700 },
    tlsDomains: domains,
    passwords: { environment: {}, passwordIn: () => '' },
  })
}

function read(text: string): Reading {
  const flattened = flatten({ name: 'opensips.cfg', bytes: Buffer.from(text) }, () => {
    throw new Error('nothing is included')
  })
  return readConfig(flattened, new Map())
}

test('what export writes for OpenSIPS 3.2, import reads back as the same subscription', () => {
  fc.assert(
    fc.property(event, socket, (event, socket) => {
      const { text, refused } = write([{ event, socket }])
      expect(refused).toEqual([])
      const { subscriptions, settings, tlsDomains } = read(text ?? '')
      expect(subscriptions).toMatchObject([{ event, socket, when: 'startup' }])
      expect(settings).toEqual({ heartbeat: 3, connect_timeout: 700 })
      expect(tlsDomains).toEqual(domains.filter(({ name }) => name === socket.tlsDomain))
    }),
    { numRuns: cases(500) },
  )
})

test('export refuses an event just where import would leave out what it could write', () => {
  fc.assert(
    fc.property(anyEvent, socket, (event, socket) => {
      const { text, refused } = write([{ event, socket }])
      if (text !== null) expect(read(text)).toMatchObject({ subscriptions: [{ event }], unread: 0 })
      else expect(refused[0]?.reasons).toEqual([expect.stringContaining('"$" in the name of its event')])
      expect(text === null).toBe(event.includes('$'))
      const written = `startup_route { subscribe_event(${quoteForRoute(event)}, "rabbitmq:h/k"); }`
      expect(read(written).subscriptions).toHaveLength(text === null ? 0 : 1)
    }),
    { numRuns: cases(500) },
  )
})

test('export by MI refuses an event with a "$", too', () => {
  const subscriptions = [{ event: 'E_$X', socket: parseSocket('rabbitmq:h/k') }]
  expect(write(subscriptions, '4.0', { mi: true })).toMatchObject({ text: null, exit: 3 })
})

test('what export writes for OpenSIPS 3.1, import reads back as the same subscription', () => {
  fc.assert(
    fc.property(event, socket, (event, some) => {
      const socket = { ...some, persistent: false, tlsDomain: null }
      const { subscriptions } = read(write([{ event, socket }], '3.1').text ?? '')
      expect(subscriptions).toMatchObject([{ event, socket, when: 'startup' }])
    }),
    { numRuns: cases(500) },
  )
})

test('what export writes holds nothing that a terminal acts on', () => {
  fc.assert(
    fc.property(event, socket, (event, socket) => {
      expect(write([{ event, socket }]).text).toMatch(
        /^[^\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{Cc}\n\t]*(?:[\n\t][^\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{Cc}\n\t]*)*$/u,
      )
    }),
    { numRuns: cases(300) },
  )
})

test.for([
  ['rabbitmq:a,b/k', /several hosts/],
  ['rabbitmq:h/vhost=v?k', /vhost "v"/],
  ['rabbitmq:[::1]/k', /IPv6/],
  ['rabbitmq:h/a%0Ab', /control character/],
  ['rabbitmq:u%7F@h/k', /control character/],
  ['rabbitmq:u:p%00@h/k', /control character/],
  ['rabbitmq:h/a%C2%85b', /control character/],
  ['rabbitmq:h/?', /neither an exchange nor a routing key/],
  ['rabbitmq:h/tls_domain=rmq?k', /names no user/],
  ['rabbitmq:u@h/tls_domain=none?k', /no TLS domain "none"/],
] as const)('export refuses %s with a reason', ([text, reason]) => {
  const report = write([{ event: 'E_X', socket: parseSocket(text) }])
  expect(report).toMatchObject({ text: null, exported: [], exit: 3 })
  expect(report.refused[0]?.reasons.join()).toMatch(reason)
})

test.for([
  ['rabbitmq:h/persistent?k', /persistent/],
  ['rabbitmq:u@h/tls_domain=rmq?k', /tls_domain/],
] as const)('export refuses %s for OpenSIPS 3.1', ([text, reason]) => {
  expect(write([{ event: 'E_X', socket: parseSocket(text) }], '3.1').refused[0]?.reasons.join()).toMatch(
    reason,
  )
})

test('an exchange without a routing key is written for both forms', () => {
  const socket = parseSocket('rabbitmq:h/ex?')
  for (const version of ['3.1', '3.2', '4.0']) {
    const [found] = read(write([{ event: 'E_X', socket }], version).text ?? '').subscriptions
    expect(found && identityOf(found.socket)).toBe(identityOf(socket))
    expect(found && printSocket(found.socket)).toBe('rabbitmq:guest@h:5672/ex?')
  }
})
