import { beforeAll, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser, pasteAdvice } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const own = ownBroker({})

beforeAll(async () => {
  await own.broker.rabbitmqctl('trace_on')
  await own.client.channel.assertExchange('e.x (1)', 'topic')
  await own.client.stream('stream')
  await own.client.channel.assertQueue('classic', { durable: true })
  await own.client.channel.assertQueue('other', { durable: true })
})

const at = (user: string, place: string) => `rabbitmq:${user}@${own.broker.host}:${own.broker.port}/${place}`
const sockets = (user: string, places: readonly string[]) =>
  places.flatMap((place) => ['--socket', at(`${user}:s3cret`, place)])

const paste = async (said: string) => await pasteAdvice(own.broker, said)

let users = 0
/** @param hasEntry it may use the vhost, and nothing in it */
async function newUser(hasEntry = false): Promise<string> {
  const user = `user${++users}`
  if (hasEntry) await addUser(own.broker, user, 's3cret', ['^$', '^$', '^$'])
  else await own.broker.rabbitmqctl('add_user', user, 's3cret')
  return user
}

const copied = '^amq\\.gen-.*$'

const places: readonly (readonly [
  name: string,
  places: readonly string[],
  flags: string[],
  rights: string[],
])[] = [
  ['an exchange', ['e.x%20%281%29?k'], [], [copied, copied, '^(e\\.x \\(1\\)|amq\\.gen-.*)$']],
  ['a queue that is not there', ['new.queue'], [], ['^new\\.queue$', '^$', '^new\\.queue$']],
  ['a stream', ['stream'], ['--from', 'next'], ['^$', '^$', '^stream$']],
  ['the firehose', ['classic'], ['--firehose'], [copied, copied, '^(amq\\.rabbitmq\\.trace|amq\\.gen-.*)$']],
  [
    'several sockets',
    ['amq.topic?k', 'amq.fanout?', 'another'],
    [],
    ['^(amq\\.gen-.*|another)$', copied, '^(amq\\.topic|amq\\.gen-.*|amq\\.fanout|another)$'],
  ],
]

describe.each([
  ['nothing on the vhost', false],
  ['the vhost alone', true],
])('a user who may use %s', (_, hasEntry) => {
  // Each start of rabbitmqctl takes a second.
  test.each(hasEntry ? places : [...places.slice(0, 1), ...places.slice(-1)])(
    'watches %s once the command that tail names was pasted',
    async (_, watched, flags, rights) => {
      const user = await newUser(hasEntry)
      const words = ['tail', ...sockets(user, watched), ...flags]
      const refused = await evi.run(words)
      expect(refused).toMatchObject({ code: 77, stdout: '' })
      expect(refused.stderr).toMatch(
        hasEntry ? /keep those in use/ : /has none on this vhost, that replaces nothing/,
      )
      expect((await paste(refused.stderr)).slice(1)).toEqual([user, ...rights])

      const tail = evi.start([...words, '--strict', '--count', String(watched.length)])
      await tail.said('stderr', /Watching/)
      await evi.run(['raise', 'E_X', ...watched.flatMap((place) => ['--socket', at('guest:guest', place)])])
      expect(await tail.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('E_X') })
    },
  )

  test('peeks at queues once the command that tail --peek names was pasted', async () => {
    const user = await newUser(hasEntry)
    const words = ['tail', ...sockets(user, ['classic', 'other']), '--peek']
    const refused = await evi.run(words)
    expect(refused).toMatchObject({ code: 77 })
    expect((await paste(refused.stderr)).slice(1)).toEqual([user, '^$', '^$', '^(classic|other)$'])
    expect(await evi.run(words)).toMatchObject({ code: 0 })
  })
})

test('a command for one socket keeps what the others of the login are watched by', async () => {
  const user = `user${++users}`
  await addUser(own.broker, user, 's3cret', [copied, copied, '^(amq\\.topic|amq\\.gen-.*)$'])
  const tail = evi.start(['tail', ...sockets(user, ['amq.topic?k', 'amq.direct?k'])])
  await tail.said('stderr', /Watching/)
  await tail.said('stderr', /set_permissions/)
  tail.send('SIGINT')
  const { stderr } = await tail.ended
  expect((await paste(stderr)).slice(1)).toEqual([
    user,
    copied,
    copied,
    '^(amq\\.topic|amq\\.gen-.*|amq\\.direct)$',
  ])
})

test('a missing vhost is made with the rights that watching takes', async () => {
  const user = await newUser()
  const refused = await evi.run(['tail', ...sockets(user, ['vhost=fresh;exchange=amq.topic?k'])])
  expect(refused.stderr).toContain(
    `rabbitmqctl add_vhost fresh && rabbitmqctl set_permissions -p fresh ${user} '${copied}' '${copied}' '^(amq\\.topic|amq\\.gen-.*)$'`,
  )
})

test('a user who may use nothing declares once the command that declare names was pasted', async () => {
  const user = await newUser()
  const words = ['declare', at(`${user}:s3cret`, 'amq.topic?k'), '--queue', 'declared', '--yes']
  const refused = await evi.run(words)
  expect(refused).toMatchObject({ code: 77 })
  await paste(refused.stdout + refused.stderr)
  expect(await evi.run(words)).toMatchObject({ code: 0 })
})

test('thousands of logins that fail are reported without a look at all sockets for each', async () => {
  const port = await closedPort()
  const input = Array.from(
    { length: 3000 },
    (_, at) => `E_X rabbitmq:u${at}:p@127.0.0.1:${port}/amq.topic?k\n`,
  )
  await evi.run(['subscribe', '--batch', '-'], { input: input.join('') })
  const { code, ms } = await evi.run(['tail', 'E_X', '--timeout', '1'])
  expect(code).toBe(69)
  expect(ms).toBeLessThan(10_000)
})
