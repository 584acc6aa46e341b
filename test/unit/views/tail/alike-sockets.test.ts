import { expect, test } from 'vitest'
import { alikeSockets, namedBySample } from '#lib/views/tail/alike-sockets.ts'

const socketsOf = (place: string, number: number) =>
  Array.from({ length: number }, (_, at) => `rabbitmq:guest@h:5672/${place}${at}`)

test('many sockets of one exchange are named together, and a few each alone', () => {
  const sockets = [
    ...socketsOf('few?', 2),
    ...socketsOf('many?', 1200),
    ...socketsOf('vhost=v;exchange=many?', 10),
    ...socketsOf('queue', 10),
  ]
  expect(alikeSockets(sockets).map(namedBySample)).toEqual([
    'rabbitmq:guest@h:5672/few?0',
    'rabbitmq:guest@h:5672/few?1',
    '1,200 sockets such as rabbitmq:guest@h:5672/many?0',
    '10 sockets such as rabbitmq:guest@h:5672/vhost=v;exchange=many?0',
    '10 sockets such as rabbitmq:guest@h:5672/queue0',
  ])
})

test('sockets of other logins and hosts are not named together', () => {
  const sockets = ['a', 'b'].flatMap((user) =>
    Array.from({ length: 9 }, (_, at) => `rabbitmq:${user}@h:5672/x?${at}`),
  )
  expect(alikeSockets(sockets)).toHaveLength(18)
})

test('a crowd of logins or vhosts is named together', () => {
  const sockets = Array.from({ length: 50 }, (_, at) => [
    `rabbitmq:u${at}@h:5672/x?k`,
    `rabbitmq:guest@h:5672/exchange=y;vhost=v${at}?k`,
    `rabbitmq:guest@h:5672/vhost=v${at}?q`,
  ]).flat()
  expect(alikeSockets(sockets).map(namedBySample)).toEqual([
    '50 sockets such as rabbitmq:u0@h:5672/x?k',
    '50 sockets such as rabbitmq:guest@h:5672/exchange=y;vhost=v0?k',
    '50 sockets such as rabbitmq:guest@h:5672/vhost=v0?q',
  ])
})

test('what is left of a broker is named together where it is a crowd', () => {
  const each = (host: string, number: number) =>
    Array.from({ length: number }, (_, at) => `rabbitmq:u@${host}:5672/x${at}?k`)
  const sockets = [...each('h', 49), ...socketsOf('many?', 10), ...each('other', 50)]
  expect(alikeSockets(sockets).map(namedBySample)).toEqual([
    ...each('h', 49),
    '10 sockets such as rabbitmq:guest@h:5672/many?0',
    '50 sockets such as rabbitmq:u@other:5672/x0?k',
  ])
})
