import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser, pasteAdvice } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const own = ownBroker({})

beforeAll(async () => {
  const queue = await own.client.queue()
  await own.client.channel.bindQueue(queue, 'amq.topic', '#')
  await own.client.channel.bindQueue(queue, 'amq.direct', 'k')
})

const at = (user: string, place: string) =>
  `rabbitmq:${user}:s3cret@${own.broker.host}:${own.broker.port}/${place}`
const line = '{"jsonrpc":"2.0","method":"E_X"}\n'

/** @param may write to exchanges, and publish and bind with routing keys at amq.topic */
async function newUser(may: { readonly write: string; readonly keys: string }): Promise<string> {
  const user = `user-${randomUUID()}`
  await addUser(own.broker, user, 's3cret', ['.*', may.write, '.*'])
  await own.broker.rabbitmqctl('set_topic_permissions', user, 'amq.topic', may.keys, may.keys)
  return user
}

const ways = [
  { way: 'raise', words: ['raise', 'E_X'], input: '' },
  { way: 'raise --count', words: ['raise', 'E_X', '--count', '2'], input: '' },
  { way: 'raise -', words: ['raise', '-'], input: line },
]

describe.each(ways)(
  'a command that $way names keeps what the other sockets of the login have',
  ({ words, input }) => {
    const raise = async () => await evi.run(words, { input })

    test('on an exchange that works, also where it is that of another event', async () => {
      const user = await newUser({ write: '^amq\\.topic$', keys: '.*' })
      for (const place of ['amq.topic?k', 'amq.direct?k'])
        await evi.run(['subscribe', 'E_X', at(user, place)])
      await evi.run(['subscribe', 'E_OTHER', at(user, 'amq.fanout?k')])
      const refused = await raise()
      expect(refused.code).toBe(3)
      const others = words[1] === '-' ? '|amq\\.fanout' : ''
      const pasted = await pasteAdvice(own.broker, refused.stdout + refused.stderr)
      expect(pasted.slice(2)).toEqual(['^$', `^(amq\\.topic|amq\\.direct${others})$`, '^$'])
      expect(await raise()).toMatchObject({ code: 0 })
    })

    test('on a routing key that works', async () => {
      const user = await newUser({ write: '.*', keys: '^a$' })
      for (const key of ['a', 'b.1', 'c']) await evi.run(['subscribe', 'E_X', at(user, `amq.topic?${key}`)])
      await evi.run(['subscribe', 'E_X', at(user, 'amq.direct?k')])
      const refused = await raise()
      expect(refused.code).toBe(3)
      const pasted = await pasteAdvice(own.broker, refused.stdout + refused.stderr)
      expect(pasted).toEqual(['set_topic_permissions', user, 'amq.topic', '^(a|b\\.1|c)$', '^$'])
      expect(await raise()).toMatchObject({ code: 0 })
    })
  },
)

test('a stream of a recording names the places that it has published to, too', async () => {
  const user = await newUser({ write: '^amq\\.topic$', keys: '.*' })
  await evi.run(['subscribe', 'E_X', at(user, 'amq.topic?k')])
  const recorded = ['amq.topic', 'amq.fanout'].map((exchange) =>
    JSON.stringify({ exchange, routingKey: 'k', message: JSON.parse(line) }),
  )
  const refused = await evi.run(['raise', '-', '--as-recorded'], { input: `${recorded.join('\n')}\n` })
  const pasted = await pasteAdvice(own.broker, refused.stdout + refused.stderr)
  expect(pasted.slice(2)).toEqual(['^$', '^(amq\\.topic|amq\\.fanout)$', '^$'])
})

test.each([
  ['the routing keys of the sockets', [], '^(a|b\\.1|c)$'],
  ['the key of --binding-key', ['--binding-key', 'x.#'], '^x\\.#$'],
])('a command that tail names takes %s', async (_, flags, rights) => {
  const user = await newUser({ write: '.*', keys: '^a$' })
  const places = ['a', 'b.1', 'c'].flatMap((key) => ['--socket', at(user, `amq.topic?${key}`)])
  const watch = ['tail', ...places, ...flags, '--strict', '--timeout', '1']
  const refused = await evi.run(watch)
  expect(refused.code).toBe(77)
  expect(await pasteAdvice(own.broker, refused.stderr)).toEqual([
    'set_topic_permissions',
    user,
    'amq.topic',
    '^$',
    rights,
  ])
  expect(await evi.run(watch)).toMatchObject({ code: 0 })
})
