import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { defaultPassword, printSocket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { cases } from '../../../helpers/cases.ts'
import vectors from '../../../vectors/sockets.json' with { type: 'json' }

function refusal(text: string): EviError {
  try {
    parseSocket(text)
  } catch (error) {
    if (error instanceof EviError) return error
  }
  throw new Error(`${text} was not refused as a socket`)
}

describe('the sockets that OpenSIPS knows', () => {
  test.each(vectors.filter(({ evi }) => evi !== null))(
    '$socket is read as in the vectors',
    ({ socket, evi }) => {
      const { password = defaultPassword, anonymous: _, ...parts } = parseSocket(socket)
      expect({ ...parts, password }).toEqual(evi)
    },
  )

  test.each(vectors.filter(({ evi }) => evi === null))('$socket is refused: $why', ({ socket }) => {
    expect(refusal(socket)).toMatchObject({ code: 'usage', exit: 64 })
  })
})

describe('what else is read', () => {
  test.each([
    [
      'rabbitmq:h/vhost=a%2Fb;persistent;exchange=x?k',
      { vhost: 'a/b', persistent: true, exchange: 'x', routingKey: 'k' },
    ],
    ['rabbitmq:h/vhost=/?k', { vhost: '/', routingKey: 'k' }],
    ['rabbitmq:h/persistent;foo?k', { exchange: 'persistent;foo', persistent: false }],
    ['rabbitmq:h/a%3Db?k', { exchange: 'a=b' }],
    ['rabbitmq:h/vhost?k', { exchange: 'vhost', vhost: '/' }],
    ['rabbitmq:h/ex?a?b', { exchange: 'ex', routingKey: 'a?b' }],
    ['rabbitmq:h/?', { exchange: '', routingKey: '' }],
    ['rabbitmq:h/exchange=?k', { exchange: '', routingKey: 'k' }],
    ['rabbitmq:h/tls_domain=t?k', { tlsDomain: 't', hosts: [{ host: 'h', port: 5671 }] }],
    [
      'rabbitmq:h:1,[2001:db8::1],[::1]:00002/k',
      {
        hosts: [
          { host: 'h', port: 1 },
          { host: '2001:db8::1', port: 5672 },
          { host: '::1', port: 2 },
        ],
      },
    ],
    ['rabbitmq:[fe80::1%25eth0]/k', { hosts: [{ host: 'fe80::1%eth0', port: 5672 }] }],
    ['rabbitmq:alice@h/k', { user: 'alice', password: undefined }],
    ['rabbitmq:@h/k', { user: '', password: undefined, anonymous: false }],
    ['rabbitmq::token@h/k', { user: '', password: 'token', anonymous: false }],
    [`rabbitmq:h/${'ż'.repeat(127)}k`, { routingKey: `${'ż'.repeat(127)}k` }],
    ['rabbitmq:h/100%25', { routingKey: '100%' }],
  ])('%s', (socket, parts) => {
    expect(parseSocket(socket)).toMatchObject(parts)
  })
})

describe('a URL', () => {
  test.each([
    ['rabbitmq://h/k', 'rabbitmq:h/k'],
    ['rabbitmq://u:p%40w@h:1,[::1]:2/ex?k', 'rabbitmq:u:p%40w@h:1,[::1]:2/ex?k'],
    ['rabbitmq://h/vhost=v;persistent?k/l', 'rabbitmq:h/vhost=v;persistent?k/l'],
    ['rabbitmq://h/a%2Fb', 'rabbitmq:h/a%2Fb'],
  ])('%s is the socket %s', (url, socket) => {
    expect(parseSocket(url)).toEqual(parseSocket(socket))
  })

  test('of rabbitmq:// with a path of several parts is refused, as they may mean a vhost', () => {
    const [sentence = '', line = '', caret = ''] = refusal('rabbitmq://h/vhost/queue').message.split('\n')
    expect(sentence).toContain('vhost=NAME?')
    expect(line.slice(caret.indexOf('^'))).toBe('/queue')
  })

  test.each([
    ['amqp://h', 'rabbitmq:h/ROUTING_KEY'],
    ['amqp://h:1/', 'rabbitmq:h:1/ROUTING_KEY'],
    ['amqp://h/%2F', 'rabbitmq:h/ROUTING_KEY'],
    ['AMQP://u:s3cret@h:1/v%20w?heartbeat=5', 'rabbitmq:u:***@h:1/vhost=v%20w?ROUTING_KEY'],
    ['amqps://u@[::1]/v', 'rabbitmq:u@[::1]/tls_domain=NAME;vhost=v?ROUTING_KEY'],
    ['amqps://h', 'rabbitmq:h/tls_domain=NAME?ROUTING_KEY'],
  ])('%s is refused with the socket that it means', (url, socket) => {
    const error = refusal(url)
    expect(error.hint?.endsWith(`: ${socket}`)).toBe(true)
    expect(error.message + error.hint).not.toContain('s3cret')
  })
})

describe('a refusal points at the place', () => {
  test.each([
    ['rabbitmq:h:99999/k', 'h:', '99999', 'a port here'],
    ['rabbitmq:h1,,h2/k', 'h1,', ',h2', 'a host here'],
    ['rabbitmq:h/a=1?k', 'h/', 'a=1', 'unknown parameter "a"'],
    ['rabbitmq:h/exchange=a;bogus=1?k', 'a;', 'bogus', 'unknown parameter "bogus"'],
    ['rabbitmq:h/exchange=a;exchange=b?k', 'a;', 'exchange=b', 'twice'],
    ['rabbitmq:h/persistent;persistent?k', 't;', 'persistent?', 'twice'],
    ['rabbitmq:h/vhost=?k', 'vhost=', '?k', 'a name for vhost'],
    ['rabbitmq:h/a%2', 'a', '%2', 'hexadecimal'],
    ['rabbitmq:h/a%ff', 'a', '%ff', 'UTF-8'],
    ['rabbitmq:::1/k', 'rabbitmq:', '::1', 'brackets'],
    ['rabbitmq:[::g]/k', '[', '::g', 'IPv6'],
    ['rabbitmq:[::1]x/k', ']', 'x', 'a port here'],
    ['rabbitmq:a b/k', 'rabbitmq:', 'a b', 'a host name'],
    ['rabbitmq:u:s3cret@h:x/k', 'h:', 'x/k', 'a port here'],
    ['amqp://h/k', '', 'amqp', 'rabbitmq:'],
  ])('%s', (socket, before, place, expected) => {
    const [sentence = '', line = '', caret = ''] = refusal(socket).message.split('\n')
    expect(sentence).toContain(expected)
    const column = caret.indexOf('^')
    expect(line.slice(0, column).endsWith(before)).toBe(true)
    expect(line.slice(column).startsWith(place)).toBe(true)
  })

  test('a long socket, and one with control characters, are shown as they are but for those', () => {
    expect(refusal(`rabbitmq:h/${'k'.repeat(256)}`).message).toContain('this one has 256')
    expect(refusal('rabbitmq:\u001b[31m/k').message).not.toMatch(/[^\P{Cc}\n]/u)
  })
})

test('whatever is wrong with a socket, its password is not in the message', () => {
  const secret = fc.stringMatching(/^[!-~]{0,5}s3cret[!-~]{0,5}$/)
  const frame = fc.constantFrom(
    (password: string) => `rabbitmq:user:${password}@host:port/key`,
    (password: string) => `rabbitmq:user:${password}@h@x/key`,
    (password: string) => `rabbitmq:user:${password}@host`,
    (password: string) => `rabbitmq:user:${password}@host/%zz`,
    (password: string) => `rabbitmq:user:${password}@host/a=b?key`,
    (password: string) => `RABBITMQ:user:${password}@host/key`,
    (password: string) => `amqp://user:${password}@host/key`,
    (password: string) => `user:${password}@host/key`,
  )
  fc.assert(
    fc.property(secret, frame, (password, socketWith) => {
      try {
        parseSocket(socketWith(password))
      } catch (error) {
        expect((error as EviError).message).not.toContain('s3cret')
      }
    }),
    { numRuns: cases(20_000) },
  )
})

test.each(['rabbitmq:user:s3cret', 'rabbitmq:user:s3cret/key', 'rabbitmq:user:s3/cret@host/key'])(
  'a password without its host stays hidden: %s',
  (socket) => {
    expect(refusal(socket).message).not.toMatch(/s3|cret/)
  },
)

test.each([
  ['rabbitmq:h/q', false],
  ['rabbitmq:guest@h/tls_domain=t?q', false],
  ['rabbitmq:h/tls_domain=t?q', true],
])('%s: a client certificate may be the login: %s', (socket, anonymous) => {
  expect(parseSocket(socket)).toMatchObject({ user: 'guest', anonymous })
  expect(parseSocket(printSocket(parseSocket(socket)))).toMatchObject({ user: 'guest', anonymous })
})
