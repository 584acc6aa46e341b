import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import type { RunningEvi } from '../../helpers/evi/evi.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({
  management: true,
  plugins: [
    'rabbitmq_consistent_hash_exchange',
    'rabbitmq_jms_topic_exchange',
    'rabbitmq_random_exchange',
    'rabbitmq_recent_history_exchange',
    'rabbitmq_sharding',
  ],
})

useEvi()

const management = () => ['--management', String(own.broker.managementUrl)]

async function watch(...words: string[]): Promise<RunningEvi> {
  const running = evi.start(['tail', ...words])
  await running.said('stderr', /Watching/)
  return running
}

async function exchange(type: string, options = {}): Promise<string> {
  const name = `x-${randomUUID()}`
  await own.client.channel.assertExchange(name, type, options)
  return name
}

describe('an exchange that gives each message to one queue', () => {
  test.each(['x-random', 'x-consistent-hash', 'x-modulus-hash'])('of type %s is refused', async (type) => {
    const name = await exchange(type)
    const { code, stderr } = await evi.run(['tail', '--socket', `${own.address}/${name}?1`])
    expect({ code, stderr }).toMatchObject({
      code: 73,
      stderr: expect.stringContaining(`of the type ${type}`),
    })
    expect(stderr).toContain('--firehose')
  })

  test('is refused where only the management API shows its type', async () => {
    await addUser(own.broker, 'olga', 's3cret', ['^amq\\.gen', '.*', '.*'])
    const socket = `rabbitmq:olga:s3cret@${own.broker.host}:${own.broker.port}/${await exchange('x-random')}?k`
    const seen = new URL(String(own.broker.managementUrl))
    seen.username = 'guest'
    seen.password = 'guest'
    expect(await evi.run(['tail', '--socket', socket, '--management', String(seen)])).toMatchObject({
      code: 73,
    })
    const tail = await watch('--socket', socket)
    expect(tail.stderr).toMatch(/cannot see the type of the exchange[\s\S]*Watching/)
  })
})

describe('an exchange that gives copies', () => {
  test.each(['direct', 'topic', 'fanout', 'headers', 'x-recent-history', 'x-jms-topic'])(
    'of type %s is watched, and its consumers get what they would have got',
    async (type) => {
      const { channel } = own.client
      const [name, queue] = [await exchange(type), await own.client.queue()]
      await channel.bindQueue(queue, name, 'k', { rjms_erlang_selector: 'true.' })
      const tail = await watch('--socket', `${own.address}/${name}?k`, '--raw', '--count', '1')
      channel.publish(name, 'k', Buffer.from('seen'), { headers: { rjms_erlang_selector: 'true.' } })
      expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
      channel.publish(name, 'k', Buffer.from('after'), { headers: { rjms_erlang_selector: 'true.' } })
      await expect.poll(async () => (await channel.checkQueue(queue)).messageCount).toBe(2)
      expect((await own.client.take(queue)).map(({ content }) => String(content))).toEqual(['seen', 'after'])
    },
  )

  test('is watched without a remark where the management API shows that it has no alternate', async () => {
    const tail = await watch('--socket', `${own.address}/${await exchange('topic')}?k`, ...management())
    expect(tail.stderr).toMatch(/^Watching/)
  })

  test('may have an alternate by a policy, which is said before watching', async () => {
    const tail = await watch('--socket', `${own.address}/${await exchange('topic')}?k`)
    expect(tail.stderr).toMatch(
      /^evi cannot see whether a policy sets an alternate exchange\. .*--management URL\nWatching/,
    )
  })

  test('a look at one that is missing declares nothing', async () => {
    const name = `nowhere-${randomUUID()}`
    expect(await evi.run(['tail', '--socket', `${own.address}/${name}?k`])).toMatchObject({ code: 76 })
    expect(await own.broker.rabbitmqctl('-q', 'list_exchanges', 'name')).not.toContain(name)
  })
})

describe('an exchange with an alternate', () => {
  test('by its arguments is refused, and the alternate is named', async () => {
    const [other, queue] = [await exchange('fanout'), await own.client.queue()]
    await own.client.channel.bindQueue(queue, other, '')
    const name = await exchange('topic', { alternateExchange: other })
    const { code, stderr } = await evi.run(['tail', '--socket', `${own.address}/${name}?k`])
    expect({ code, stderr }).toMatchObject({ code: 73, stderr: expect.stringContaining(`/${other}?k`) })
  })

  test('gets each message while tail watches other sockets of the same command', async () => {
    const [other, queue] = [await exchange('fanout'), await own.client.queue()]
    await own.client.channel.bindQueue(queue, other, '')
    const name = await exchange('topic', { alternateExchange: other })
    const sockets = [`${own.address}/${name}?k`, `${own.address}/amq.fanout?k`]
    const tail = await watch(...sockets.flatMap((socket) => ['--socket', socket]), '--raw', '--count', '1')
    own.client.channel.publish(name, 'k', Buffer.from('for the alternate'))
    own.client.channel.publish('amq.fanout', 'k', Buffer.from('seen'))
    expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
    expect((await own.client.take(queue)).map(({ content }) => String(content))).toEqual([
      'for the alternate',
    ])
  })

  test('by a policy is refused where the management API shows it', async () => {
    const [other, name] = [await exchange('fanout'), await exchange('topic')]
    const definition = JSON.stringify({ 'alternate-exchange': other })
    await own.broker.rabbitmqctl('set_policy', '--apply-to', 'exchanges', name, `^${name}$`, definition)
    const words = ['tail', '--socket', `${own.address}/${name}?k`, ...management()]
    expect(await evi.run(words)).toMatchObject({ code: 73, stderr: expect.stringContaining(`"${other}"`) })
  })
})

describe('of several sockets', () => {
  test('those that can be watched are, and the others are named with their events', async () => {
    const [queue, port] = [await own.client.queue(), await closedPort()]
    await evi.run(['subscribe', 'E_QUEUE', `${own.address}/${queue}`])
    await evi.run(['subscribe', 'E_TOPIC', `${own.address}/amq.topic?sip`])
    await evi.run(['subscribe', 'E_DOWN', `rabbitmq:guest:guest@127.0.0.1:${port}/q`])
    const tail = await watch('--count', '1', '--raw')
    expect(tail.stderr).toMatch(new RegExp(`✖ \\S+/${queue} \\(E_QUEUE\\): The queue`))
    expect(tail.stderr).toMatch(/✖ \S+\/q \(E_DOWN\): .*nothing listens there\. Trying again in/)
    own.client.channel.publish('amq.topic', 'sip', Buffer.from('seen'))
    expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
  })

  test('none that can be watched is the gravest failure', async () => {
    const [queue, port] = [await own.client.queue(), await closedPort()]
    const sockets = [`${own.address}/${queue}`, `rabbitmq:guest:guest@127.0.0.1:${port}/q`]
    const { code, stderr } = await evi.run(['tail', ...sockets.flatMap((socket) => ['--socket', socket])])
    expect({ code, stderr }).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('None of the 2 sockets can be watched.'),
    })
  })

  test('--strict ends at the first that cannot be watched', async () => {
    const queue = await own.client.queue()
    const sockets = [`${own.address}/amq.topic?sip`, `${own.address}/${queue}`]
    const words = ['tail', '--strict', ...sockets.flatMap((socket) => ['--socket', socket])]
    expect(await evi.run(words)).toMatchObject({ code: 73, stderr: expect.not.stringMatching(/^Watching/m) })
  })
})

test('a vhost at its limit of queues is reported in the words of the broker', async () => {
  await own.broker.rabbitmqctl('add_vhost', 'lim')
  await own.broker.rabbitmqctl('set_permissions', '-p', 'lim', 'guest', '.*', '.*', '.*')
  await own.broker.rabbitmqctl('set_vhost_limits', '-p', 'lim', '{"max-queues":0}')
  const { stderr } = await evi.run(['tail', '--socket', `${own.address}/vhost=lim?nope`])
  expect(stderr).toMatch(/queue limit in vhost 'lim' \(0\) is reached/)
})
