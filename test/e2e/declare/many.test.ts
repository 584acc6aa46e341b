import { randomUUID } from 'node:crypto'
import { connect as dial } from 'node:net'
import { connect } from 'amqplib'
import { beforeEach, expect, test } from 'vitest'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { methods, proxyWithoutChannels, swallowingProxy } from '../../helpers/brokers/servers.ts'
import { addUser, pasteAdvice } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({})
useEvi()

let user: string
beforeEach(() => {
  user = `many-${randomUUID()}`
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const at = (route: string, port = own.broker.port, login = `${user}:pw`) =>
  `rabbitmq:${login}@127.0.0.1:${port}/${route}`

async function subscribe(sockets: readonly string[]): Promise<void> {
  const input = sockets.map((socket) => `E_MANY ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-'], { input })).toMatchObject({ code: 0 })
}

const declare = (...words: string[]) => evi.run(['declare', 'E_MANY', '--yes', ...words])
const limitChannels = (most: number) =>
  own.broker.rabbitmqctl('set_user_limits', user, JSON.stringify({ 'max-channels': most }))

/** A way to the broker that counts the connections. */
async function countingProxy() {
  let connections = 0
  const server = await serve((connection) => {
    connections++
    const upstream = dial(own.broker.port, '127.0.0.1').on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.destroy())
    connection.pipe(upstream).pipe(connection)
  })
  return { port: server.port, connections: () => connections, [Symbol.asyncDispose]: server.close }
}

test('declare makes the queues of 300 sockets of a login over one connection, and says how many', async () => {
  await addUser(own.broker, user, 'pw')
  await using way = await countingProxy()
  await subscribe(upTo(300).map((number) => at(`${user}-${number}`, way.port)))
  const { code, stdout } = await declare()
  expect({ code, made: stdout.match(/✔ queue .*: made/g)?.length }).toEqual({ code: 0, made: 300 })
  expect(stdout).toMatch(/\n300 sockets: 300 declared\n$/)
  const again = await declare()
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n300 sockets: 300 unchanged\n$/) })
  expect(way.connections()).toBe(2)
})

test('an event is not declared with an option that one of its sockets has no use for, which is named', async () => {
  await subscribe([at('amq.topic?k'), at('calls')])
  const { code, stderr } = await declare('--exchange-type', 'topic')
  expect(code).toBe(64)
  expect(stderr).toMatch(
    /^evi: --exchange-type is for a named exchange, and (\S+\/calls) has none\.\n {2}Declare its queue alone: evi declare \1\n$/,
  )
})

test.for([1, 2])('the sockets of a user who may have %i channels do not compete', async (most) => {
  await addUser(own.broker, user, 'pw')
  await limitChannels(most)
  await own.client.channel.assertExchange(user, 'topic')
  await using way = await countingProxy()
  await subscribe(
    upTo(20).flatMap((number) => [
      at(`${user}-${number}`, way.port),
      at(`${user}?${user}-bound-${number}`, way.port),
    ]),
  )
  const { code, stdout } = await declare()
  expect({ code, made: stdout.match(/: made/g)?.length, bound: stdout.match(/: bound/g)?.length }).toEqual({
    code: 0,
    made: 40,
    bound: 20,
  })
  // The first, whose channels are too many, and one in its place.
  expect(way.connections()).toBeLessThanOrEqual(3)
})

test('the logins of a user who may have one channel, on several vhosts, leave it to each other', async () => {
  await addUser(own.broker, user, 'pw')
  await limitChannels(1)
  const vhosts = upTo(3).map((number) => `${user}-${number}`)
  for (const vhost of vhosts) {
    await own.broker.rabbitmqctl('add_vhost', vhost)
    await own.broker.rabbitmqctl('set_permissions', '-p', vhost, user, '.*', '.*', '.*')
  }
  await subscribe(vhosts.flatMap((vhost) => upTo(10).map((number) => at(`vhost=${vhost}?q${number}`))))
  expect(await declare()).toMatchObject({ code: 0, stdout: expect.stringMatching(/30 sockets: 30 declared/) })
})

/** The one channel that the user may have, taken by another program. */
async function takeChannel() {
  await addUser(own.broker, user, 'pw')
  await limitChannels(1)
  const other = await connect({ port: own.broker.port, username: user, password: 'pw' })
  await other.createChannel()
  return async () => await other.close()
}

test('declare waits for a channel that another program has for 2 s', async () => {
  const free = await takeChannel()
  await subscribe(upTo(30).map((number) => at(`${user}-${number}`)))
  setTimeout(() => void free(), 2000)
  expect(await declare()).toMatchObject({ code: 0, stdout: expect.stringMatching(/30 sockets: 30 declared/) })
})

test('a channel that another program keeps fails all sockets of the login as one, in the time for a reply', async () => {
  const free = await takeChannel()
  await subscribe(upTo(30).map((number) => at(`${user}-${number}`)))
  const start = performance.now()
  const { code, stdout } = await declare('--reply-timeout', '1s')
  expect(performance.now() - start).toBeLessThan(5000)
  expect(code).toBe(69)
  expect(stdout).toMatch(
    /^30 sockets such as .*\n {2}✖ The connection .* limit of .*1[\s\S]*\n30 sockets: 30 failed\n$/,
  )
  expect(stdout.match(/✖/g)).toHaveLength(1)
  await free()
})

test('what one socket lacks closes no channel of another, and those that fail alike are one', async () => {
  await addUser(own.broker, user, 'pw', [`^${user}-(even|other)`, '.*', '.*'])
  const { channel } = own.client
  await channel.assertQueue(`${user}-other`, { arguments: { 'x-max-length': 7 } })
  await subscribe([
    ...upTo(60).map((number) => at(`${user}-${number % 2 === 0 ? 'even' : 'odd'}-${number}`)),
    ...upTo(30).map((number) => at(`${user}-missing?${number}`)),
    at(`${user}-other`),
  ])
  const refused = await declare()
  expect(refused.code).toBe(3)
  expect(refused.stdout.match(/✔ queue .*even.*: made/g)).toHaveLength(30)
  expect(refused.stdout).toContain(`· queue ${user}-other: exists`)
  expect(refused.stdout.match(/^\d+ sockets.*\n.*/gm)).toEqual([
    expect.stringMatching(/^30 sockets such as .*odd.*\n {2}✖ RabbitMQ refused: .*odd/),
    expect.stringMatching(/^30 sockets such as .*missing.*\n {2}✖ There is no exchange/),
    expect.stringMatching(/^91 sockets: 30 declared, 1 unchanged, 60 failed\n/),
  ])
  await pasteAdvice(own.broker, refused.stdout)
  const { code, stdout } = await declare('--json')
  const { results } = JSON.parse(stdout) as { results: { failure: { code: string } | null }[] }
  expect({ code, sockets: results.length }).toEqual({ code: 3, sockets: 91 })
  expect(results.flatMap(({ failure }) => failure?.code ?? [])).toEqual(upTo(30).map(() => 'no-exchange'))
})

test('a login that cannot connect tries once for all its sockets', async () => {
  await addUser(own.broker, user, 'pw')
  await using way = await countingProxy()
  await subscribe(upTo(30).map((number) => at(`vhost=${user}?q${number}`, way.port)))
  const { code, stdout } = await declare()
  expect(code).toBe(77)
  expect(stdout).toMatch(/^30 sockets such as .*\n {2}✖ There is no vhost [\s\S]*\n30 sockets: 30 failed\n$/)
  expect(way.connections()).toBe(1)
})

test.for<[what: string, way: () => ReturnType<typeof serve>, code: number, reason: string]>([
  ['is lost', () => proxyWithoutChannels([1]), 69, 'was lost'],
  ['falls silent', () => swallowingProxy(methods.declareQueue), 75, 'did not answer within 300 ms'],
])('a connection that %s fails all sockets of its login for that reason', async ([, open, code, reason]) => {
  const way = await open()
  try {
    await subscribe(upTo(300).map((number) => at(`${user}-${number}`, way.port, 'guest:guest')))
    const start = performance.now()
    const declared = await declare('--reply-timeout', '300ms')
    expect(performance.now() - start).toBeLessThan(5000)
    expect(declared).toMatchObject({ code, stdout: expect.stringMatching(/\n300 sockets: 300 failed\n$/) })
    expect(declared.stdout.match(/✖.*/g)).toEqual([expect.stringContaining(reason)])
  } finally {
    await way.close()
  }
})

test('a connection that is lost while the type of a queue is looked at is said to be lost', async () => {
  const queue = await own.client.queue()
  let channels = 0
  const way = await serve((connection) => {
    const upstream = dial(own.broker.port, '127.0.0.1').on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.destroy()).pipe(connection)
    connection.on('data', (chunk: Buffer) => {
      // The third is for the type.
      if (chunk.includes(methods.openChannel) && ++channels === 3) connection.destroy()
      else upstream.write(chunk)
    })
  })
  try {
    const socket = at(queue, way.port, 'guest:guest')
    const { code, stdout } = await evi.run(['declare', socket, '--type', 'classic', '--yes'])
    expect({ code, stdout }).toEqual({
      code: 69,
      stdout: expect.stringMatching(/✖ The connection .* was lost/),
    })
  } finally {
    await way.close()
  }
})

test('many logins declare one queue beside each other, with fewer connections than logins kept open', async () => {
  const users = upTo(70).map((number) => `${user}-${number}`)
  const made = users.map(
    (name) => `ok = rabbit_auth_backend_internal:add_user(<<"${name}">>, <<"pw">>, <<"test">>),
      ok = rabbit_auth_backend_internal:set_permissions(<<"${name}">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>)`,
  )
  await own.broker.rabbitmqctl('eval', `${made.join()}.`)
  await subscribe(users.map((name) => at(user, own.broker.port, `${name}:pw`)))
  const { code, stdout } = await declare('--type', 'quorum')
  expect(stdout).not.toContain('✖')
  expect({ code, last: stdout.split('\n').at(-2) }).toEqual({
    code: 0,
    last: '70 sockets: 1 declared, 69 unchanged',
  })
})
