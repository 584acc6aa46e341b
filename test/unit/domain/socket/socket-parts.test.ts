import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportError } from '#lib/cli/report-error.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { type SocketParts, socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import { cases } from '../../../helpers/cases.ts'

const usage = expect.objectContaining({ code: 'usage' })
const make = (parts: Partial<SocketParts>) =>
  socketFromParts({ hosts: ['h'], routingKey: 'k', persistent: false, ...parts })

describe('a socket given by parts', () => {
  test.each<[string, Partial<SocketParts>]>([
    ['rabbitmq:h/k', {}],
    ['rabbitmq:h/?', { routingKey: '' }],
    ['rabbitmq:h/e?', { exchange: 'e', routingKey: undefined }],
    ['rabbitmq:h:1/k', { port: '1' }],
    ['rabbitmq:[::1]/k', { hosts: ['::1'] }],
    ['rabbitmq:[::1]:1/k', { hosts: ['::1'], port: '1' }],
    ['rabbitmq:[::1]:2,h:1,i:3/k', { hosts: ['[::1]:2', 'h', 'i:3'], port: '1' }],
    [
      'rabbitmq:alice@h/exchange=e;vhost=v;tls_domain=t;persistent?k',
      {
        user: 'alice',
        exchange: 'e',
        vhost: 'v',
        tlsDomain: 't',
        persistent: true,
      },
    ],
  ])('%s', (socket, parts) => {
    expect(make(parts)).toEqual(parseSocket(socket))
  })

  test('has its parts as they were given, unescaped', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      fc.constantFrom('persistent', 'a;b', '100%', '%41', 'a?b', 'exchange=x'),
    )
    const parts = fc.record({ user: part, vhost: part, exchange: part, routingKey: part, tlsDomain: part })
    fc.assert(
      fc.property(parts, (given) => {
        expect(make(given)).toMatchObject(given)
      }),
      { numRuns: cases(2000) },
    )
  })

  test.each<[string, Partial<SocketParts>]>([
    ['no host', { hosts: [] }],
    ['an empty host', { hosts: [''] }],
    ['neither routing key nor exchange', { routingKey: undefined }],
    ['a bad port', { port: 'x' }],
    ['an empty port', { port: '' }],
    ['an empty user', { user: '' }],
    ['an empty vhost', { vhost: '' }],
    ['a routing key that is too long', { routingKey: 'k'.repeat(256) }],
  ])('is refused with %s', (_, parts) => {
    expect(() => make(parts)).toThrow(usage)
  })

  test.each<[string, Partial<SocketParts>]>([
    ['a "/" in the host', { hosts: ['h/other'] }],
    ['a "@" in the host', { hosts: ['alice@h'] }],
    ['a "/" in the port', { port: '1/other' }],
  ])('is refused with %s, which would change another part', (_, parts) => {
    expect(() => make(parts)).toThrow(usage)
  })
  test('is refused without showing a login that was given with the host', () => {
    const word = 's3cret'
    for (const host of [`alice:${word}@h`, `rabbitmq:alice:${word}@h`, `alice:${word}@h:5672/q`]) {
      let message = ''
      try {
        make({ hosts: [host] })
      } catch (error) {
        message = reportError(error, { json: false }).text
      }
      expect(message).toContain('evi: ')
      expect(message).not.toContain(word)
    }
  })
})
