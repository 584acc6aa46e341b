import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { proxy } from '../../helpers/brokers/servers.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { client, useClient } from '../../helpers/evi/fixtures.ts'

let evi: Evi
let stream: string
useClient()
beforeEach(async () => {
  evi = new Evi()
  stream = await client.stream()
})
afterEach(async () => {
  await evi.dispose()
  await client.channel.deleteQueue(stream)
})

const bodies = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`)

/** Publishes the numbers to the stream and waits until it has them. */
async function publish(from: number, to: number): Promise<void> {
  const publisher = await client.confirmChannel()
  for (const body of bodies(from, to)) {
    if (!publisher.sendToQueue(stream, Buffer.from(body.trim()))) await once(publisher, 'drain')
  }
  await publisher.waitForConfirms()
  await publisher.close()
}

async function watch(address: string, ...words: string[]) {
  const running = evi.start(['tail', '--socket', `${address}/${stream}`, '--raw', ...words])
  await running.said('stderr', /Watching/)
  return running
}

describe('where reading starts', () => {
  test('without a flag at what comes next, and it is said that nothing is taken', async () => {
    await publish(1, 3)
    const tail = await watch(brokerAddress, '--count', '2')
    await publish(4, 5)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: '4\n5\n' })
    expect(tail.stderr).toContain('is a stream: evi reads along and takes nothing.')
  })

  test.each([
    ['first', 1],
    ['0', 1],
    ['3', 4],
    ['1h', 1],
    ['2020-01-01', 1],
    ['2020-01-01T10:00:00+02:00', 1],
  ])('--from %s', async (from, start) => {
    await publish(1, 5)
    const tail = await watch(brokerAddress, '--from', from, '--count', String(6 - start))
    expect(await tail.ended).toMatchObject({ code: 0, stdout: bodies(start, 5).join('') })
  })

  test('--from next shows nothing that is there, --from last its last chunk', async () => {
    await publish(1, 3)
    await publish(4, 4)
    const [next, last] = [
      await watch(brokerAddress, '--from', 'next'),
      await watch(brokerAddress, '--from', 'last'),
    ]
    await publish(5, 5)
    for (const tail of [next, last]) await tail.said('stdout', /^5$/m)
    expect((await next.kill('SIGINT')).stdout).toBe('5\n')
    expect((await last.kill('SIGINT')).stdout).toBe('4\n5\n')
  })

  test('--json keeps the offset with the properties', async () => {
    await publish(1, 2)
    const words = ['tail', '--socket', `${brokerAddress}/${stream}`, '--from', '1', '--count', '1', '--json']
    const { stdout } = await evi.run(words)
    expect(JSON.parse(stdout)).toMatchObject({
      exchange: '',
      routingKey: stream,
      redelivered: false,
      properties: { headers: { 'x-stream-offset': 1 } },
      body: '2',
    })
  })

  test.each(['-1', 'yesterday', '2026-02-30'])(
    '--from %s is exit code 64, before any connection',
    async (from) => {
      expect(await evi.run(['tail', '--socket', 'rabbitmq:127.0.0.1:1/q', `--from=${from}`])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining(`--from is "${from}"`),
      })
    },
  )
})

describe('--last', () => {
  test.each([
    [1, 4000, 3],
    [5, 4000, 10],
    [4000, 4001, 5000],
  ])('%i of a stream goes on with what comes', async (last, newest, count) => {
    await publish(1, newest - 1)
    const start = Math.max(1, newest - last)
    const tail = await watch(brokerAddress, '--last', String(last), '--count', String(newest + count - start))
    await publish(newest, newest + count - 1)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: bodies(start, newest + count - 1).join('') })
  })

  test('of an empty stream shows all that comes', async () => {
    const tail = await watch(brokerAddress, '--last', '2', '--count', '3')
    await publish(1, 3)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: bodies(1, 3).join('') })
  })

  test('counts the messages before --where does', async () => {
    await publish(1, 20)
    const words = ['--last', '10', '--where', 'not ip = 1', '--count', '10']
    expect((await (await watch(brokerAddress, ...words)).ended).stdout).toBe(bodies(11, 20).join(''))
  })

  test('goes on behind the last message when the connection was lost', async () => {
    const way = await proxy()
    const words = ['--last', '2', '--count', '5']
    await publish(1, 3)
    const tail = await watch(`rabbitmq:127.0.0.1:${way.port}`, ...words)
    await tail.said('stdout', /^3$/m)
    way.cut()
    await publish(4, 6)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: bodies(2, 6).join('') })
    await way.close()
  })

  test('of an exchange is 64, of a queue that is no stream 73, of none at all 5', async () => {
    const exchange = await client.exchange('fanout')
    const queue = await client.queue()
    const run = (place: string) => evi.run(['tail', '--socket', `${brokerAddress}/${place}`, '--last', '2'])
    expect(await run(`${exchange}?k`)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--last is for a queue'),
    })
    expect(await run(queue)).toMatchObject({
      code: 73,
      stderr: expect.stringContaining('a stream, so --last cannot read it'),
    })
    expect(await run(`none-${randomUUID()}`)).toMatchObject({ code: 5 })
  })
})

describe('no other consumer notices', () => {
  test('a consumer beside it gets all, in order, and the stream keeps them', async () => {
    const other = await Client.connect()
    const seen = await other.work(stream, { arguments: { 'x-stream-offset': 'first' } })
    const tail = await watch(brokerAddress, '--count', '500')
    await publish(1, 500)
    expect((await tail.ended).stdout).toBe(bodies(1, 500).join(''))
    await expect.poll(() => seen.length).toBe(500)
    await other.close()
    expect(seen.map((body) => `${body}\n`)).toEqual(bodies(1, 500))
    const again = await watch(brokerAddress, '--from', 'first', '--count', '500')
    expect((await again.ended).stdout).toBe(bodies(1, 500).join(''))
  })

  test.each(['classic', 'quorum'])('--from leaves a %s queue alone, exit code 73', async (type) => {
    const queue = `q-${randomUUID()}`
    await client.channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } })
    client.channel.sendToQueue(queue, Buffer.from('kept'))
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(1)
    expect(await evi.run(['tail', '--socket', `${brokerAddress}/${queue}`, '--from', 'first'])).toMatchObject(
      {
        code: 73,
        stdout: '',
        stderr: expect.stringContaining('--from cannot read it'),
      },
    )
    const [message] = await client.take(queue)
    expect(message?.fields).toMatchObject({ redelivered: false, messageCount: 0 })
    await client.channel.deleteQueue(queue)
  })

  test('where there is no stream, none is declared: a queue is 5, an exchange 64', async () => {
    const socket = `${brokerAddress}/none-${randomUUID()}`
    expect(await evi.run(['tail', '--socket', socket, '--from', 'next'])).toMatchObject({ code: 5 })
    expect(await evi.run(['raise', 'E_X', '--socket', socket])).toMatchObject({ code: 5 })
    const exchange = await evi.run(['tail', '--socket', `${brokerAddress}/amq.topic?x`, '--from', 'next'])
    expect(exchange).toMatchObject({ code: 64, stderr: expect.stringContaining('--from is for a queue') })
  })
})

describe('a connection that is lost', () => {
  test('is read on from where it was left: nothing twice, nothing missed', async () => {
    const way = await proxy()
    await publish(1, 2)
    const tail = await watch(`rabbitmq:127.0.0.1:${way.port}`, '--from', 'first', '--count', '6')
    await tail.said('stdout', /^2$/m)
    await way.close()
    await tail.said('stderr', /Trying again in/)
    await publish(3, 5)
    const again = await proxy(way.port)
    await tail.said('stderr', /Watching .* again; nothing was missed\./)
    await publish(6, 6)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: bodies(1, 6).join('') })
    await again.close()
  })

  test('in the middle of much, too', async () => {
    const way = await proxy()
    await publish(1, 20_000)
    const tail = await watch(`rabbitmq:127.0.0.1:${way.port}`, '--from', 'first', '--count', '20000')
    await tail.said('stdout', /^1000$/m)
    way.cut()
    expect((await tail.ended).stdout).toBe(bodies(1, 20_000).join(''))
    expect(tail.stderr).toContain('nothing was missed')
    await way.close()
  })

  test('as the stream was deleted ends it: evi does not stand in for it', async () => {
    const tail = await watch(brokerAddress)
    await client.channel.deleteQueue(stream)
    expect(await tail.ended).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`no queue "${stream}"`),
    })
  })
})
