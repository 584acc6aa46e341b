import { expect, test } from 'vitest'
import { readServerVersion } from '#lib/domain/opensips/server-version.ts'
import {
  likenessesOf,
  likenessOf,
  lookupText,
  readPrintedSocket,
  readSubscriber,
} from '#lib/domain/opensips/subscriber.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

const [v34, v40] = [
  { major: 3, minor: 4 },
  { major: 4, minor: 0 },
]

test.for([
  ['rabbitmq:guest:guest@127.0.0.1:5673/k', 'rabbitmq:guest@127.0.0.1/k', true],
  ['rabbitmq:127.0.0.1/k', 'rabbitmq:gues@127.0.0.1/k', true],
  ['rabbitmq:us%40er:p@h/ke%3Fy', 'rabbitmq:us@er@h/ke?y', true],
  ['rabbitmq:h/exchange=amq.topic?a.b', 'rabbitmq:guest@h/amq.topic?a.b', true],
  ['rabbitmq:h/amq.topic?a.b', 'rabbitmq:guest@h/amq.topic?a.b', true],
  ['rabbitmq:h/exchange=amq.topic;tls_domain=x?a.b', 'rabbitmq:guest@h/amq.topic?a.b', true],
  ['rabbitmq:H.example/k', 'rabbitmq:guest@h.Example/k', true],
  ['rabbitmq:localhost/k', 'rabbitmq:guest@127.0.0.1/k', false],
  ['rabbitmq:h/vhost=v?k', 'rabbitmq:guest@h/k', false],
  ['rabbitmq:a,b/k', 'rabbitmq:guest@b/k', true],
] as const)('OpenSIPS 3.4 prints %s as %s: %s', ([socket, printed, same]) => {
  expect(likenessesOf(parseSocket(socket), v34).includes(likenessOf(printed, v34))).toBe(same)
})

test('from 3.6 on a user gues is no unnamed one', () => {
  const unnamed = likenessesOf(parseSocket('rabbitmq:h/k'), v40)
  expect(unnamed).not.toContain(likenessOf('rabbitmq:gues@h/k', v40))
})

test.for([
  ['rabbitmq:guest:p@h/k', 'rabbitmq:guest@h/k', 'rabbitmq:guest@h:5672/k'],
  ['rabbitmq:guest:p@h/k', 'rabbitmq:gues@h/k', 'rabbitmq:h:5672/k'],
  ['rabbitmq:u@h/k', 'rabbitmq:u@H/k', 'rabbitmq:u@H:5672/k'],
  ['rabbitmq:u@h/exchange=x;persistent;tls_domain=d?k', 'rabbitmq:u@h/x?k', 'rabbitmq:u@h:5671/exchange=x?k'],
] as const)('OpenSIPS 3.4 finds %s, which it prints as %s, by %s', ([socket, printed, text]) => {
  expect(lookupText(parseSocket(socket), printed, v34)).toBe(text)
})

test.for([
  ['rabbitmq:guest@127.0.0.1/k', { user: 'guest', host: '127.0.0.1', route: 'k' }],
  ['rabbitmq:us@er@h-1.example/x?a/b@c', { user: 'us@er', host: 'h-1.example', route: 'x?a/b@c' }],
  ['rabbitmq:guest@h/two\nlines', { user: 'guest', host: 'h', route: 'two\nlines' }],
  ['rabbitmq:@h/', { user: '', host: 'h', route: '' }],
] as const)('the printed socket %s is read', ([printed, parts]) => {
  expect(readPrintedSocket(printed)).toEqual(parts)
})

test('the passwords of a virtual socket are masked', () => {
  const { printed, transport } = readSubscriber(
    'virtual:FAILOVER rabbitmq:guest:secret@h/a rabbitmq:u:geheim@h/b',
    3600,
  )
  expect(transport).toBe('virtual')
  expect(printed).not.toMatch(/secret|geheim/)
  expect(printed).toMatch(/^virtual:FAILOVER rabbitmq:guest:/)
})

test('the version is read with its numbers', () => {
  const text = 'OpenSIPS (3.10.1 (x86_64/linux))'
  expect(readServerVersion(text)).toEqual({ text: 'OpenSIPS 3.10.1', major: 3, minor: 10 })
  expect(readServerVersion('OpenSIPS (4.0.0-dev (x86_64/linux))')).toMatchObject({ major: 4, minor: 0 })
})
