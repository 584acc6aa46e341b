import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { connectionKeyOf, destinationOf, identityOf, type Socket } from '#lib/domain/socket/socket.ts'

const base = parseSocket('rabbitmq:alice:s3cret@h:5672/exchange=e;vhost=v;tls_domain=t?k')
type Change = Partial<Socket>

describe.each<[string, Change, { identity: boolean; connection: boolean; destination: boolean }]>([
  ['the password', { password: 'x' }, { identity: true, connection: false, destination: true }],
  ['persistent', { persistent: true }, { identity: true, connection: true, destination: true }],
  ['the TLS domain', { tlsDomain: 'x' }, { identity: true, connection: false, destination: true }],
  ['no TLS', { tlsDomain: null }, { identity: true, connection: false, destination: true }],
  [
    'the case of the host',
    { hosts: [{ host: 'H', port: 5672 }] },
    {
      identity: true,
      connection: true,
      destination: true,
    },
  ],
  ['the user', { user: 'x' }, { identity: false, connection: false, destination: true }],
  ['the vhost', { vhost: 'V' }, { identity: false, connection: false, destination: false }],
  ['the exchange', { exchange: 'E' }, { identity: false, connection: true, destination: false }],
  ['the routing key', { routingKey: 'K' }, { identity: false, connection: true, destination: false }],
  [
    'the host',
    { hosts: [{ host: 'i', port: 5672 }] },
    {
      identity: false,
      connection: false,
      destination: false,
    },
  ],
  [
    'the port',
    { hosts: [{ host: 'h', port: 5673 }] },
    {
      identity: false,
      connection: false,
      destination: false,
    },
  ],
  [
    'one more host',
    { hosts: [...base.hosts, { host: 'i', port: 5672 }] },
    {
      identity: false,
      connection: false,
      destination: false,
    },
  ],
])('with %s changed', (_, change, { identity, connection, destination }) => {
  const other = { ...base, ...change }

  test(`it is ${identity ? 'the same' : 'another'} subscriber`, () => {
    expect(identityOf(other) === identityOf(base)).toBe(identity)
  })

  test(`it ${connection ? 'shares' : 'does not share'} the connection`, () => {
    expect(connectionKeyOf(other) === connectionKeyOf(base)).toBe(connection)
  })

  test(`it leads to ${destination ? 'the same' : 'another'} place`, () => {
    expect(destinationOf(other) === destinationOf(base)).toBe(destination)
  })
})

test('no two names run into one another', () => {
  const name = fc.stringMatching(/^[a,"\\[\]]{1,4}$/)
  const names = fc.record({ user: name, vhost: name, exchange: name, routingKey: name })
  fc.assert(
    fc.property(names, names, (one, other) => {
      const equal = JSON.stringify(one) === JSON.stringify(other)
      expect(identityOf({ ...base, ...one }) === identityOf({ ...base, ...other })).toBe(equal)
    }),
  )
})
