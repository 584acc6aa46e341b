import { expect, test } from 'vitest'
import { bodyOf, brokerAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

useClient()
useEvi()

const line = (place: object, headers: object = {}) =>
  `${JSON.stringify({ ...place, properties: { headers }, message: { jsonrpc: '2.0', method: 'E_X' } })}\n`

test('evi raise - --as-recorded keeps the exchange and routing key of each message, once for each broker', async () => {
  const [first, second, own] = [await client.queue(), await client.queue(), await client.queue()]
  const exchange = await client.exchange('topic')
  await client.channel.bindQueue(second, exchange, 'sip.#')
  for (const key of [own, `amq.topic?${own}`]) await evi.run(['subscribe', 'E_X', `${brokerAddress}/${key}`])
  const input = [
    line({ exchange: '', routingKey: first }),
    line({ exchange, routingKey: 'sip.a' }),
    line({ exchange, routingKey: 'sip.b' }),
  ].join('')
  expect(await evi.run(['raise', '-', '--as-recorded', '--sync'], { input })).toMatchObject({ code: 0 })
  expect((await client.take(first)).length).toBe(1)
  const taken = await client.take(second)
  expect(taken.map(({ fields }) => [fields.exchange, fields.routingKey])).toEqual([
    [exchange, 'sip.a'],
    [exchange, 'sip.b'],
  ])
  expect(await client.take(own)).toEqual([])
  await evi.run(['raise', '-', '-s', `${brokerAddress}/${own}`], { input })
  expect((await client.take(own)).map(bodyOf).length).toBe(3)
})

test('evi raise - says that a recorded CC has the message routed once more', async () => {
  const [own, copied] = [await client.queue(), await client.queue()]
  const input = line({ exchange: '', routingKey: own }, { CC: [copied] }).repeat(2)
  const { code, stderr } = await evi.run(['raise', '-', '-s', `${brokerAddress}/${own}`, '--sync'], { input })
  expect(code).toBe(0)
  expect(stderr.match(/A recorded message has the header CC/g)).toHaveLength(1)
  expect((await client.take(copied)).length).toBe(2)
})

test.each([
  ['raise', 'E_X', '--as-recorded'],
  ['raise', 'E_X', '--as-recorded', '--count', '2'],
  ['raise', 'E_X', '--as-recorded', '--batch', '-'],
])('--as-recorded is refused in: evi %s %s %s %s', async (...words) => {
  expect(await evi.run(words)).toMatchObject({ code: 64 })
})
