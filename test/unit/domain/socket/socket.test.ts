import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { connectionKeyOf, identityOf, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { utf8Length } from '#lib/text/characters.ts'
import { cases } from '../../../helpers/cases.ts'

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'persistent',
    'exchange=x',
    'vhost',
    'a;b',
    'a?b',
    '100%',
    '%41',
    'a b',
    'żółć',
    '\u202e\u001b[31m',
  ),
)
const fitting = name.filter((text) => utf8Length(text) <= 255)
const filled = fitting.filter((text) => text !== '')
const host = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('fe80::1%eth0', 'żółć.example'),
)
const node = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })
const socket: fc.Arbitrary<Socket> = fc.record({
  hosts: fc.array(node, { minLength: 1, maxLength: 3 }) as unknown as fc.Arbitrary<Socket['hosts']>,
  user: filled,
  password: fc.constant(undefined),
  vhost: filled,
  exchange: fitting,
  routingKey: fitting,
  persistent: fc.boolean(),
  tlsDomain: fc.option(filled),
  anonymous: fc.constant(false),
})

describe('the printed form', () => {
  test('read back is the same socket', () => {
    fc.assert(
      fc.property(socket, (given) => {
        expect(parseSocket(printSocket(given))).toEqual(given)
      }),
      { numRuns: cases(5000) },
    )
  })

  test('holds nothing that a terminal acts on, and never the password', () => {
    fc.assert(
      fc.property(socket, (given) => {
        const printed = printSocket({ ...given, password: 'hunter2!' })
        expect(printed).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(printed).not.toContain('hunter2!')
      }),
    )
  })

  test.each([
    ['rabbitmq:h/q', 'rabbitmq:guest@h:5672/q'],
    ['rabbitmq:u:p@h/ex?rk', 'rabbitmq:u@h:5672/ex?rk'],
    ['rabbitmq:h/exchange=ex?rk', 'rabbitmq:guest@h:5672/ex?rk'],
    ['rabbitmq:h/exchange=persistent?rk', 'rabbitmq:guest@h:5672/%70ersistent?rk'],
    ['rabbitmq:h/persistent?rk', 'rabbitmq:guest@h:5672/persistent?rk'],
    ['rabbitmq:h/tls_domain=t;vhost=v;exchange=e?rk', 'rabbitmq:h:5671/exchange=e;vhost=v;tls_domain=t?rk'],
    ['rabbitmq:h/a%3Fb', 'rabbitmq:guest@h:5672/a%3Fb'],
  ])('of %s is %s', (given, printed) => {
    expect(printSocket(parseSocket(given))).toBe(printed)
  })
})

describe('identity', () => {
  const same = (one: string, other: string) => identityOf(parseSocket(one)) === identityOf(parseSocket(other))

  test.each([
    ['rabbitmq:u:p@h/q', 'rabbitmq:u:other@h:5672/q'],
    ['rabbitmq:h/q', 'rabbitmq:h/persistent?q'],
    ['rabbitmq:h:5671/q', 'rabbitmq:h/tls_domain=t?q'],
    ['rabbitmq:Host/q', 'rabbitmq:host/q'],
    ['rabbitmq:h/e?q', 'rabbitmq:h/exchange=e;vhost=/?q'],
  ])('%s and %s are the same subscriber', (one, other) => {
    expect(same(one, other)).toBe(true)
  })

  test.each([
    ['rabbitmq:h/q', 'rabbitmq:h/Q'],
    ['rabbitmq:h/q', 'rabbitmq:h:5673/q'],
    ['rabbitmq:h/q', 'rabbitmq:u@h/q'],
    ['rabbitmq:h/q', 'rabbitmq:h/vhost=v?q'],
    ['rabbitmq:h/q', 'rabbitmq:h/e?q'],
    ['rabbitmq:h,i/q', 'rabbitmq:i,h/q'],
  ])('%s and %s are not', (one, other) => {
    expect(same(one, other)).toBe(false)
  })

  test('one connection serves sockets of one login, and no others', () => {
    const key = (text: string) => connectionKeyOf(parseSocket(text))
    expect(key('rabbitmq:guest:guest@h/q')).toBe(key('rabbitmq:h/e?k'))
    expect(key('rabbitmq:u:a@h/q')).not.toBe(key('rabbitmq:u:b@h/q'))
    expect(key('rabbitmq:h/q')).not.toBe(key('rabbitmq:h/vhost=v?q'))
  })
})
