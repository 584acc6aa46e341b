import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { bodyOf } from '../../helpers/brokers/client.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { documents, file, lines, numbered } from '../../helpers/evi/streams.ts'

useEvi()

const own = ownBroker({})

const permit = async (write: string) =>
  await own.broker.rabbitmqctl('set_topic_permissions', 'keys', 'amq.topic', write, '.*')

beforeAll(async () => {
  await addUser(own.broker, 'keys', 'keys')
  await permit('^good')
})

const as = (key: string) => `rabbitmq:keys:keys@${own.broker.host}:${own.broker.port}/amq.topic?${key}`

/** A queue that is bound with a routing key. */
async function bound(key: string): Promise<string> {
  const { queue } = await own.client.channel.assertQueue('', { exclusive: true })
  await own.client.channel.bindQueue(queue, 'amq.topic', key)
  return queue
}

describe.each(['--sync', '--no-sync'])(
  'a stream with %s, whose user may not use some routing keys',
  (mode) => {
    const toAll = () => ['good', 'bad', 'worse'].flatMap((key) => ['--socket', as(key)])

    test('calls each line refused, none doubtful, and sends nothing twice to the others', async () => {
      const queue = await bound('good')
      const input = lines(...numbered('E_X', 20))
      const { code, stdout } = await evi.run(['raise', '-', mode, '--json', ...toAll()], { input })
      const printed = documents(stdout)
      expect({ code, summary: printed.at(-1).summary }).toMatchObject({
        code: 3,
        summary: { read: 20, failed: 20, unknown: 0, resent: 0 },
      })
      const results = printed.slice(0, -1).flatMap(({ results }) => results)
      expect(results).toHaveLength(40)
      for (const result of results)
        expect(result).toMatchObject({
          status: 'refused',
          mayHaveArrived: false,
          reason: expect.not.stringContaining('may have arrived'),
        })
      expect((await own.client.take(queue)).map(bodyOf)).toEqual(numbered('E_X', 20))
    })

    test('says the same of --batch, as many as it has', async () => {
      const input = lines('{"n":1}', '{"n":2}', '{"n":3}')
      const options = ['--batch', '-', mode, '--failed', file('failed'), ...toAll()]
      const { code, stderr } = await evi.run(['raise', 'E_X', ...options], { input })
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: expect.stringMatching(
          /✖ 3 read, 0 \w+ (?:by|to) all subscribers, 3 failed; 3 of 9 deliveries \w+ {2}/,
        ),
      })
      expect(stderr).not.toMatch(/unknown|may have arrived|sent again/)
      expect(readFileSync(file('failed'), 'utf8')).toBe(input)
    })
  },
)

test('what is called refused did not arrive, and all else did, though the permission goes in the middle', async () => {
  // As it was before an attempt that failed.
  await permit('^good')
  const keys = Array.from({ length: 20 }, (_, number) => `good.${number}`)
  const queue = await bound('good.*')
  const sockets = keys.flatMap((key) => ['--socket', as(key)])
  const stream = evi.start(['raise', '-', '--sync', '--json', ...sockets], { open: true })
  let written = 0
  const write = async (count: number) => {
    const upTo = written + count
    stream.write(lines(...numbered('E_X', upTo).slice(written)))
    written = upTo
    await sleep(50)
  }
  await write(10)
  await expect
    .poll(async () => (await own.client.channel.checkQueue(queue)).messageCount, { timeout: 20_000 })
    .toBeGreaterThan(100)
  // Lines come for as long as that takes, and after it.
  let isRevoked = false
  const revoking = permit('^good$').finally(() => {
    isRevoked = true
  })
  while (!isRevoked) await write(3)
  await revoking
  for (let time = 0; time < 20; time++) await write(3)
  stream.endInput()
  const printed = documents((await stream.ended).stdout)
  expect(printed.at(-1).summary.failed).toBeGreaterThan(0)
  const arrived = new Set(
    (await own.client.take(queue)).map(
      (message) => `${message.fields.routingKey} ${JSON.parse(bodyOf(message)).params.n}`,
    ),
  )
  const ends = new Map<string, boolean>()
  for (const { line, results = [] } of printed)
    for (const { socket, mayHaveArrived } of results)
      ends.set(`${socket.split('?')[1]} ${line - 1}`, mayHaveArrived)
  for (const key of keys)
    for (let number = 0; number < written; number++) {
      const name = `${key} ${number}`
      if (ends.get(name) !== true)
        expect({ name, arrived: arrived.has(name) }).toEqual({ name, arrived: !ends.has(name) })
    }
})
