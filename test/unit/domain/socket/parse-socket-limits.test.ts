import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { EviError } from '#lib/errors.ts'
import { cases } from '../../../helpers/cases.ts'

const usage = expect.objectContaining({ code: 'usage', exit: 64 })

describe.each([
  ['a routing key', (name: string) => `rabbitmq:h/${name}`, 'routingKey'],
  ['a routing key behind "?"', (name: string) => `rabbitmq:h/e?${name}`, 'routingKey'],
  ['a bare exchange', (name: string) => `rabbitmq:h/${name}?k`, 'exchange'],
  ['exchange=', (name: string) => `rabbitmq:h/exchange=${name}?k`, 'exchange'],
  ['vhost=', (name: string) => `rabbitmq:h/vhost=${name}?k`, 'vhost'],
  ['tls_domain=', (name: string) => `rabbitmq:h/tls_domain=${name}?k`, 'tlsDomain'],
] as const)('%s', (_, socketWith, part) => {
  test.each([
    ['255 letters', 'k'.repeat(255)],
    ['255 bytes of two and one', `${'ż'.repeat(127)}k`],
    ['255 bytes of three', '漢'.repeat(85)],
    ['255 bytes of four and three', `${'😀'.repeat(63)}漢`],
  ])('holds %s, plain or escaped', (_, name) => {
    expect(parseSocket(socketWith(name))[part]).toBe(name)
    expect(parseSocket(socketWith(encodeURIComponent(name)))[part]).toBe(name)
  })

  test.each([
    ['256 letters', 'k'.repeat(256)],
    ['128 letters of two bytes', 'ż'.repeat(128)],
    ['64 letters of four bytes', '😀'.repeat(64)],
    ['more than its escapes show', encodeURIComponent('漢'.repeat(86))],
    ['an empty escape', 'a%'],
    ['half an escape', 'a%4'],
    ['an escape of no digits', 'a%zz'],
    ['an overlong escape', '%c0%af'],
    ['an escaped surrogate', '%ed%a0%80'],
  ])('is refused with %s', (_, name) => {
    expect(() => parseSocket(socketWith(name))).toThrow(usage)
  })
})

describe('a port', () => {
  test.each([
    ['1', 1],
    ['65535', 65_535],
    ['00005672', 5672],
  ])('can be %s', (port, number) => {
    expect(parseSocket(`rabbitmq:h:${port}/k`).hosts).toEqual([{ host: 'h', port: number }])
  })

  test.each(['', '0', '000', '65536', '-1', '+1', '1e3', '0x10', ' 1', '1 ', '٣', '5672.0', '9'.repeat(400)])(
    'cannot be %j',
    (port) => {
      expect(() => parseSocket(`rabbitmq:h:${port}/k`)).toThrow(usage)
    },
  )
})

describe('a host', () => {
  test.each(['h', 'a.b-c_d', '127.0.0.1', 'żółć.example', 'h'.repeat(255)])('can be %s', (host) => {
    expect(parseSocket(`rabbitmq:${host}/k`).hosts).toEqual([{ host, port: 5672 }])
  })

  test.each([
    '',
    ',',
    'h,',
    ',h',
    'h1,,h2',
    'h'.repeat(256),
    'a b',
    'a%20b',
    'a%2Fb',
    'a%40b',
    'h;i',
    '[]',
    '[h]',
    '[127.0.0.1]',
    '[::1',
    '::1',
    'fe80::1%25eth0',
    '[fe80::1%25]',
    '[::1]5672',
    '[::1]h:1',
  ])('cannot be %j', (host) => {
    expect(() => parseSocket(`rabbitmq:${host}/k`)).toThrow(usage)
  })
})

test('parameters mean the same in any order', () => {
  const parameters = ['exchange=e', 'persistent', 'tls_domain=t', 'vhost=a%2Fb']
  const expected = parseSocket(`rabbitmq:h/${parameters.join(';')}?k`)
  expect(expected).toMatchObject({ exchange: 'e', persistent: true, tlsDomain: 't', vhost: 'a/b' })
  fc.assert(
    fc.property(fc.shuffledSubarray(parameters, { minLength: parameters.length }), (order) => {
      expect(parseSocket(`rabbitmq:h/${order.join(';')}?k`)).toEqual(expected)
    }),
  )
})

test('nothing but a socket or a refusal comes of any text', () => {
  const word = fc.constantFrom(
    'rabbitmq:',
    'u',
    ':',
    '@',
    '/',
    '?',
    ';',
    ',',
    '[',
    ']',
    '%41',
    '%',
    'persistent',
    '=',
  )
  const text = fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  fc.assert(
    fc.property(text, (words) => {
      try {
        expect(parseSocket(`rabbitmq:${words.join('')}`).hosts.length).toBeGreaterThan(0)
      } catch (error) {
        if (!(error instanceof EviError) || error.code !== 'usage') throw error
      }
    }),
    { numRuns: cases(5000) },
  )
})
