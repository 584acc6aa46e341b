import { expect, test } from 'vitest'
import { bindingFor, declarationsFor, grantToDeclare } from '#lib/domain/routing/declaration.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

const named = parseSocket('rabbitmq:h/amq.topic?sip.pike')

test('a socket of the default exchange needs the queue of its routing key', () => {
  expect(declarationsFor(parseSocket('rabbitmq:h/pike'), { type: 'quorum' })).toEqual([
    { kind: 'queue', name: 'pike', type: 'quorum' },
  ])
})

test('a socket of a named exchange needs exchange, queue and binding', () => {
  expect(declarationsFor(named, {}).map((one) => ('name' in one ? one.name : one.queue))).toEqual([
    'amq.topic',
    'sip.pike',
    'sip.pike',
  ])
  expect(declarationsFor(parseSocket('rabbitmq:h/alerts?'), {})).toMatchObject([{}, { name: 'alerts' }, {}])
  expect(declarationsFor(named, { queue: 'q' })).toMatchObject([{}, { name: 'q' }, { queue: 'q' }])
})

test.each([
  ['topic', 'k', { a: 1 }],
  [undefined, 'k', { a: 1 }],
  ['x-unheard-of', 'k', { a: 1 }],
  ['x-consistent-hash', '1', { a: 1 }],
  ['x-local-random', '', { a: 1 }],
  ['x-jms-topic', 'k', { rjms_erlang_selector: 'true.', a: 1 }],
])('an exchange of the type %s is bound by the key "%s" and %o', (type, routingKey, headers) => {
  const binding = { kind: 'binding', exchange: 'x', queue: 'q', routingKey: 'k', headers: { a: 1 } } as const
  expect(bindingFor(binding, type)).toEqual({ ...binding, routingKey, headers })
})

test.each([
  ['rabbitmq:h/pike', { queue: 'other' }, /has the routing key's name, "pike"/],
  ['rabbitmq:h/pike', { exchangeType: 'topic' }, /^--exchange-type is for a named exchange/],
  ['rabbitmq:h/pike', { headers: { a: 1 } }, /^--header is for a named exchange/],
  ['rabbitmq:h/amq.gen', {}, /reserves names/],
  ['rabbitmq:h/amq.fanout?', {}, /reserves names/],
])('%s with %o is refused', (socket, options, reason) => {
  expect(() => declarationsFor(parseSocket(socket), options)).toThrow(reason)
})

test('the permission advised is the least one, of the user who was logged in, at the host that answered', () => {
  const at = { user: 'bob', host: { host: 'h', port: 5672 } }
  const queue = parseSocket('rabbitmq:h/vhost=v?a.b')
  const forQueue = grantToDeclare({ ...at, sockets: [queue], declarations: declarationsFor(queue, {}) })
  expect(forQueue).toContain('What "bob" may do now on h:5672: rabbitmqctl list_user_permissions bob\n')
  expect(forQueue).toContain(
    String.raw`, there: rabbitmqctl set_permissions -p v bob '^a\.b$' '^amq\.default$' '^$'`,
  )
  expect(
    grantToDeclare({ ...at, sockets: [named], declarations: declarationsFor(named, { queue: 'q' }) }),
  ).toContain(String.raw`rabbitmqctl set_permissions bob '^q$' '^(amq\.topic|q)$' '^amq\.topic$'`)
})
