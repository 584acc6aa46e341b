import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { startBroker } from '../../helpers/brokers/cluster.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { proxy, proxyWithoutChannels, swallowingProxy } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { slowness } from '../../helpers/slowness.ts'

useEvi()

const notification = (number: number) => `{"jsonrpc":"2.0","method":"E_X","params":{"n":${number}}}`
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${notification(from + index)}\n`).join('')
const file = (name: string) => join(evi.configDirectory, name)
const numbersOf = (bodies: readonly string[]) =>
  new Set(bodies.map((body) => JSON.parse(body.replace(/ redelivered$/, '')).params.n as number))

describe('a way that is cut', () => {
  test.each(['--sync', '--no-sync'])('%s: what had no answer is sent again', async (mode) => {
    const client = await Client.connect()
    const queue = await client.queue()
    const seen = await client.work(queue, { prefetch: 1000 })
    const way = await proxy()
    const socket = `rabbitmq:127.0.0.1:${way.port}/${queue}`
    const stream = evi.start(['raise', '-', mode, '-s', socket, '--window', '100'], { open: true })
    for (let part = 0; part < 4; part++) {
      stream.write(numbered(part * 5000, part * 5000 + 5000))
      await expect.poll(() => seen.length).toBeGreaterThan(part * 5000 + 100)
      way.cut()
    }
    stream.endInput()
    const { code, stderr } = await stream.ended
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/was lost.*\n.*Connected to .* again/),
    })
    await expect.poll(() => numbersOf(seen).size).toBe(20_000)
    await way.close()
    await client.close()
  })

  test('for good: it is given up after --retry-for, and the lines are kept', async () => {
    const client = await Client.connect()
    const queue = await client.queue()
    const seen = await client.work(queue)
    const way = await proxy()
    const socket = `rabbitmq:127.0.0.1:${way.port}/${queue}`
    const words = ['raise', '-', '--sync', '-s', socket, '--retry-for', '1', '--failed', file('failed')]
    const stream = evi.start(words, { open: true, input: numbered(0, 1) })
    await expect.poll(() => seen.length).toBe(1)
    await way.close()
    stream.write(numbered(1, 4))
    stream.endInput()
    const { code, stderr } = await stream.ended
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/Trying again in .*4 read, 1 confirmed, 3 failed/s),
    })
    expect(readFileSync(file('failed'), 'utf8')).toBe(numbered(1, 4))
    await client.close()
  })

  test('and cut again before a channel is open: it is made again', async () => {
    const client = await Client.connect()
    const queue = await client.queue()
    const seen = await client.work(queue)
    const way = await proxyWithoutChannels([2, 3])
    const socket = `rabbitmq:127.0.0.1:${way.port}/${queue}`
    const stream = evi.start(['raise', '-', '--sync', '-s', socket], { open: true, input: numbered(0, 1) })
    await expect.poll(() => seen.length).toBe(1)
    way.cut()
    stream.write(numbered(1, 500))
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0 })
    await expect.poll(() => numbersOf(seen).size).toBe(500)
    await way.close()
    await client.close()
  })

  test('Ctrl-C while it is made again keeps what was written to the pipe and has not been sent', async () => {
    const client = await Client.connect()
    const queue = await client.queue()
    const seen = await client.work(queue)
    const way = await proxy()
    const socket = `rabbitmq:127.0.0.1:${way.port}/${queue}`
    const words = ['raise', '-', '--sync', '-s', socket, '--failed', file('failed')]
    const stream = evi.start(words, { open: true, input: numbered(0, 1) })
    await expect.poll(() => seen.length).toBe(1)
    await way.close()
    stream.write(numbered(1, 1500))
    await stream.said('stderr', /Trying again in/)
    expect(await stream.kill('SIGINT')).toMatchObject({ code: 130 })
    // Those that were in flight come last.
    const kept = numbersOf(readFileSync(file('failed'), 'utf8').trimEnd().split('\n'))
    expect([...kept].sort((a, b) => a - b)).toEqual(Array.from({ length: 1499 }, (_, index) => index + 1))
    await client.close()
  })

  test('one that goes dumb is cut and made again, as long as --retry-for allows', async () => {
    const way = await swallowingProxy()
    const socket = `rabbitmq:127.0.0.1:${way.port}/q-${randomUUID()}`
    const words = ['raise', '-', '--sync', '-s', socket, '--reply-timeout', '300', '--retry-for', '1']
    const { code, stderr } = await evi.run([...words, '--failed', file('failed')], { input: numbered(0, 3) })
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringMatching(
        /was lost: it answered nothing within 300 ms.*did not answer within 300/s,
      ),
    })
    expect(readFileSync(file('failed'), 'utf8')).toBe(numbered(0, 3))
    await way.close()
  })
})

test('a broker that is killed and comes back: no event is lost', async () => {
  const cluster = await startBroker()
  try {
    const [node] = cluster.nodes
    const before = await Client.connect(node.port)
    await before.channel.assertQueue('durable', { durable: true })
    // RabbitMQ 3.10 that is killed may forget a queue this young, with all that it has confirmed.
    await node.rabbitmqctl('eval', 'mnesia:dump_log().')
    const stream = evi.start(['raise', '-', '--sync', '-s', `rabbitmq:${node.address}/persistent?durable`], {
      open: true,
      input: numbered(0, 20_000),
    })
    const arrived = async () => (await before.channel.checkQueue('durable')).messageCount
    await expect.poll(arrived).toBeGreaterThan(1000)
    await before.close()
    await node.kill()
    await stream.said('stderr', /Trying again/)
    stream.write(numbered(20_000, 30_000))
    await node.start()
    stream.endInput()
    const { code, stderr } = await stream.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('30,000 confirmed') })
    const after = await Client.connect(node.port)
    const seen = await after.work('durable', { prefetch: 1000 })
    await expect.poll(() => numbersOf(seen).size).toBe(30_000)
    await after.close()
  } finally {
    await cluster.stop()
  }
})

test('Ctrl-C keeps the rest of a file', async () => {
  const client = await Client.connect()
  const queue = await client.queue()
  const seen = await client.work(queue)
  const params = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `{"n":${from + index}}\n`).join('')
  writeFileSync(file('params'), params(0, 50_000))
  const words = ['raise', 'E_X', '--batch', file('params'), '--sync', '-s', `${brokerAddress}/${queue}`]
  const stream = evi.start([...words, '--rate', '1000', '--failed', file('failed')])
  await expect.poll(() => seen.length).toBeGreaterThan(0)
  expect(await stream.kill('SIGINT')).toMatchObject({ code: 130 })
  const delivered = numbersOf(seen).size
  expect(readFileSync(file('failed'), 'utf8')).toBe(params(delivered, 50_000))
  await client.close()
})

test('a queue that is full is waited for', async () => {
  const client = await Client.connect()
  const queue = `q-${randomUUID()}`
  const full = { 'x-max-length': 2, 'x-overflow': 'reject-publish' }
  await client.channel.assertQueue(queue, { durable: false, arguments: full, expires: 600_000 })
  const words = ['raise', '-', '--sync', '-s', `${brokerAddress}/${queue}`]
  const stream = evi.start(words, { input: numbered(0, 50) })
  const rejected = `/${queue}: RabbitMQ rejected the message \\(nack\\)\\. Trying again in`
  await stream.said('stderr', new RegExp(rejected))
  const seen = await client.work(queue, { prefetch: 1000 })
  expect(await stream.ended).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/50 confirmed, 0 failed/),
  })
  await expect.poll(() => numbersOf(seen).size).toBe(50)
  await client.close()
})

describe('a broker that takes nothing for now', () => {
  const own = ownBroker({})

  test('is waited for, which is said, and then it goes on', async () => {
    const queue = await own.client.queue()
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.00001')
    const words = [
      'raise',
      '-',
      '--sync',
      '-s',
      `${own.address}/${queue}`,
      '--reply-timeout',
      String(Math.round(300 * slowness)),
    ]
    const stream = evi.start(words, { input: numbered(0, 5000) })
    await stream.said('stderr', /blocks publishers \(low on memory\); waiting/)
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
    await stream.said('stderr', /takes messages again/)
    expect(await stream.ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/5,000 confirmed, 0 failed/),
    })
    expect(await own.client.channel.checkQueue(queue)).toMatchObject({ messageCount: 5000 })
  })

  test('a limit of connections that is met at the start of a stream is waited for', async () => {
    const queue = await own.client.queue()
    await addUser(own.broker, 'limited', 's3cret')
    await own.broker.rabbitmqctl('set_user_limits', 'limited', '{"max-connections":0}')
    const address = own.address.replace('guest:guest', 'limited:s3cret')
    const argv = ['raise', '-', '--sync', '--retry-for', '60', '-s', `${address}/${queue}`]
    const stream = evi.start(argv, { input: numbered(0, 5) })
    await stream.said('stderr', /user connection limit \(0\) is reached.*Trying again/s)
    await own.broker.rabbitmqctl('clear_user_limits', 'limited', 'all')
    expect(await stream.ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/Connected to \S+ after [\d.]+ s\.\n.*5 confirmed, 0 failed/s),
    })
  })
})
