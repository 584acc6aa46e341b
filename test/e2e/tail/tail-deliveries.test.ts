import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { startTestSandbox, type TestSandbox } from '../../helpers/brokers/own-broker.ts'
import { piecemealProxy } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

useClient()
useEvi()

async function watch(...words: string[]) {
  const running = evi.start(['tail', ...words])
  await running.said('stderr', /Watching/)
  return running
}

/** RabbitMQ's frames hold so many bytes of a body. */
const frame = 131_072 - 8
const sizes = [0, 1, 150, 5000, frame, frame + 1, 2 * frame + 1]
const properties = [{}, { deliveryMode: 2 }, { messageId: 'żółć', headers: { a: [1, { b: null }] } }]
const messages = sizes.flatMap((size, number) =>
  properties.map((properties, kind) => ({
    body: `${number}${kind}`.repeat(size).slice(0, size),
    properties,
  })),
)

describe('every message comes whole, in order and with its properties', () => {
  test.each([
    ['as they are', [1e6]],
    ['in pieces of a few bytes', [1, 2, 3, 5, 7, 11, 250, 64_000]],
    ['in pieces of a message or so', [170, 1000, 3, 200, 150, 9000]],
  ])(
    'its bytes come %s',
    async (_, lengths) => {
      const [exchange, way] = [await client.exchange('topic'), await piecemealProxy(lengths)]
      const address = `rabbitmq:127.0.0.1:${way.port}/${exchange}`
      const sockets = ['a', 'b'].flatMap((key) => ['--socket', `${address}?${key}`])
      const tail = await watch(...sockets, '--json', '--count', String(2 * 3 * messages.length))
      for (let round = 0; round < 3; round++) {
        for (const { body, properties } of messages)
          for (const key of ['a', 'b']) client.channel.publish(exchange, key, Buffer.from(body), properties)
      }
      const { stdout } = await tail.ended
      const seen = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      const expected = [...messages, ...messages, ...messages]
      for (const key of ['a', 'b']) {
        const ours = seen.filter(({ routingKey }) => routingKey === key)
        expect(ours.map(({ body }) => body)).toEqual(expected.map(({ body }) => body))
        expect(ours.map(({ properties }) => properties)).toMatchObject(
          expected.map(({ properties }) => properties),
        )
        const about = {
          socket: expect.stringMatching(`/${exchange}\\?${key}$`),
          exchange,
          redelivered: false,
        }
        expect(ours).toMatchObject(ours.map(() => about))
      }
      await way.close()
    },
    60_000,
  )
})

test('--count shows so many of those that come together, and no more', async () => {
  const exchange = await client.exchange('fanout')
  const tail = await watch('--socket', `${brokerAddress}/${exchange}?k`, '--raw', '--count', '7')
  tail.send('SIGSTOP')
  for (let number = 1; number <= 100; number++)
    client.channel.publish(exchange, 'k', Buffer.from(`${number}`))
  await client.channel.checkExchange(exchange)
  tail.send('SIGCONT')
  expect(await tail.ended).toMatchObject({ code: 0, stdout: '1\n2\n3\n4\n5\n6\n7\n' })
})

describe('a reader of the output that stops', () => {
  let sandbox: TestSandbox
  beforeAll(async () => {
    sandbox = await startTestSandbox()
  })
  afterAll(() => sandbox?.stop())

  test('leaves what it has not read with the broker, and gets all of it later', async () => {
    const [queue, hold] = [`q-${randomUUID()}`, `${evi.configDirectory}/hold`]
    const body = 'x'.repeat(1000)
    const shell = evi.startShell(`mkfifo ${hold}
      evi tail --socket ${sandbox.socket.replace(/[^/]*$/, queue)} --raw --count 5000 | { : < ${hold}; wc -l; }`)
    await shell.said('stderr', /Watching/)
    const publisher = await Client.connect(sandbox.port)
    for (let number = 0; number < 5000; number++) publisher.channel.sendToQueue(queue, Buffer.from(body))
    const state = async () =>
      await sandbox.rabbitmqctl(
        '-q',
        'list_queues',
        '--no-table-headers',
        'messages_ready',
        'messages_unacknowledged',
      )
    await expect.poll(async () => (await state()).trim()).toMatch(/^[34]\d{3}\t1000$/)
    await evi.shell(`: > ${hold}`)
    expect(await shell.ended).toMatchObject({ code: 0, stdout: '5000\n' })
    await publisher.close()
  })
})
