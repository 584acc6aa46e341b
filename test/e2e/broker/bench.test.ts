import { afterEach, describe, expect, test } from 'vitest'
import { Client, propertiesOf } from '../../helpers/brokers/client.ts'
import type { LocalServer } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort, proxy, swallowingProxy } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

/** Of this file's own, so that every queue on it is known. */
const own = ownBroker({})
useEvi()

const there = '--consumers-get-them'
const bench = (socket: string, ...words: string[]) => evi.run(['bench', `${own.address}/${socket}`, ...words])
const queues = async () => await own.broker.rabbitmqctl('--quiet', 'list_queues', 'name', 'messages')
const ready = async (queue: string) => (await own.client.channel.checkQueue(queue)).messageCount

interface Numbers {
  readonly events: number
  readonly warmUp: number
  readonly confirmed: number
  readonly returned: number
  readonly rejected: number
  readonly unanswered: number
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  readonly latencyMs: Readonly<Record<'min' | 'mean' | 'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>
  readonly histogram: readonly { fromMs: number; toMs: number; count: number }[]
  readonly error: { code: string; exit: number; message: string } | null
}
const numbersOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Numbers

describe('a queue of its own', () => {
  test('gets so many events, and the numbers add up', async () => {
    const ended = await bench('q', '--count', '2000', '--window', '100', '--size', '200', '--json')
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/a queue of its own, gone afterwards/),
    })
    const numbers = numbersOf(ended)
    expect(numbers).toMatchObject({
      socket: `rabbitmq:guest@127.0.0.1:${own.broker.port}/q`,
      host: `127.0.0.1:${own.broker.port}`,
      queue: 'temporary',
      size: 200,
      window: 100,
      rate: null,
      events: 2000,
      warmUp: 200,
      confirmed: 2000,
      returned: 0,
      rejected: 0,
      unanswered: 0,
      error: null,
    })
    const { histogram, latencyMs, eventsPerSecond, bytesPerSecond } = numbers
    expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(1800)
    expect(Math.abs(bytesPerSecond - eventsPerSecond * 200)).toBeLessThanOrEqual(1)
    const { min, p50, p90, p99, p999, max } = latencyMs
    expect([min, p50, p90, p99, p999, max]).toEqual([min, p50, p90, p99, p999, max].toSorted((a, b) => a - b))
    expect(min).toBeGreaterThan(0)
    expect(histogram.at(0)?.fromMs).toBeLessThanOrEqual(min)
    expect(histogram.at(-1)?.toMs).toBeGreaterThanOrEqual(max)
  })

  test("leaves nothing on the broker, and does nothing to the socket's own queue", async () => {
    const queue = await own.client.queue()
    const before = await queues()
    expect(await bench(queue, '--count', '200')).toMatchObject({ code: 0 })
    expect(await bench(`amq.fanout?${queue}`, '--count', '200')).toMatchObject({ code: 0 })
    expect(await bench('nox?nowhere', '--count', '200')).toMatchObject({ code: 0 })
    expect(await queues()).toBe(before)
    expect(await ready(queue)).toBe(0)
  })

  test('is published to for --duration, at --rate', async () => {
    const words = ['--duration', '0.5', '--rate', '20', '--json']
    const { events, confirmed } = numbersOf(await bench('q', ...words))
    expect(events).toBeGreaterThan(0)
    // 10, and more where the machine is late; without a pace they are thousands.
    expect(events).toBeLessThan(500)
    expect(confirmed).toBe(events)
  })

  test('is gone after Ctrl-C, which is reported with what was measured until then', async () => {
    const before = await queues()
    const running = evi.start(['bench', `${own.address}/q`, '--duration', '600', '--json'])
    await running.said('stderr', /gone afterwards/)
    await expect.poll(queues).toMatch(/^amq\.gen\S+\s+[1-9]/m)
    running.send('SIGINT')
    const ended = await running.ended
    expect(ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/✖ Interrupted\.\n$/) })
    const { events, confirmed, unanswered, error } = numbersOf(ended)
    expect(confirmed).toBeGreaterThan(0)
    expect({ unanswered, error }).toMatchObject({ unanswered: 0, error: { code: 'interrupted', exit: 130 } })
    expect(confirmed).toBe(events)
    expect(await queues()).toBe(before)
  })
})

describe('the socket itself', () => {
  test('gets each event, a notification of the size, where --consumers-get-them says so', async () => {
    const queue = await own.client.queue()
    const ended = await bench(queue, '--count', '50', '--size', '100', there, '--json')
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/where its consumers get them/),
    })
    expect(numbersOf(ended)).toMatchObject({ queue: 'existing', events: 50, confirmed: 50 })
    const messages = await own.client.take(queue)
    expect(messages).toHaveLength(50)
    for (const message of messages) {
      expect(message.content).toHaveLength(100)
      expect(JSON.parse(message.content.toString())).toMatchObject({ jsonrpc: '2.0', method: 'E_BENCH' })
      expect(propertiesOf(message)).toEqual({})
    }
  })

  test('gets persistent events where it says so', async () => {
    const queue = await own.client.queue()
    expect(await bench(`persistent?${queue}`, '--count', '1', there)).toMatchObject({ code: 0 })
    expect((await own.client.take(queue)).map(propertiesOf)).toEqual([{ deliveryMode: 2 }])
  })

  test.each([
    ['a queue that is not there', 5, 'nowhere', /✖ There is no queue "nowhere"/, 'unroutable'],
    [
      'a binding that is not there',
      5,
      'amq.topic?nowhere',
      /✖ The exchange "amq.topic" has no binding/,
      'unroutable',
    ],
    ['an exchange that is not there', 76, 'nox?nowhere', /✖ There is no exchange "nox"/, 'no-exchange'],
  ])('%s ends it with %i', async (_, code, socket, words, error) => {
    const ended = await bench(socket, there, '--json')
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(words) })
    const numbers = numbersOf(ended)
    expect(numbers).toMatchObject({
      confirmed: 0,
      latencyMs: null,
      histogram: [],
      error: { code: error, exit: code },
    })
    expect(numbers.returned + numbers.unanswered).toBe(numbers.events)
    expect(numbers.events).toBeGreaterThan(0)
  })

  test('a queue that rejects some: they are counted, 3; all of them: 75', async () => {
    const { queue } = await own.client.channel.assertQueue('', {
      exclusive: true,
      arguments: { 'x-max-length': 100, 'x-overflow': 'reject-publish' },
    })
    const some = await bench(queue, '--count', '1000', '--window', '10', there, '--json')
    expect(some).toMatchObject({ code: 3, stderr: expect.stringMatching(/rejected the message \(nack\)/) })
    const { confirmed, rejected, error } = numbersOf(some)
    expect({ sum: confirmed + rejected, error }).toMatchObject({
      sum: 1000,
      error: { code: 'rejected', exit: 3 },
    })
    expect(confirmed).toBeGreaterThanOrEqual(100)
    expect(await bench(queue, '--count', '10', there)).toMatchObject({ code: 75 })
  })
})

describe('a way that', () => {
  let way: LocalServer | undefined
  afterEach(() => way?.close())

  test('is cut ends it with 69, and with what was measured until then', async () => {
    way = await proxy()
    const client = await Client.connect()
    const queue = await client.queue()
    const sent = async () => (await client.channel.checkQueue(queue)).messageCount
    const socket = `rabbitmq:127.0.0.1:${way.port}/${queue}`
    const running = evi.start(['bench', socket, '--rate', '1000', '--duration', '600', there, '--json'])
    // The warm-up, a second, is over.
    await expect.poll(sent).toBeGreaterThan(1200)
    way.cut()
    const ended = await running.ended
    await client.close()
    expect(ended).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/✖ The connection to .* was lost/),
    })
    const { events, confirmed, unanswered, latencyMs, error } = numbersOf(ended)
    expect(error).toMatchObject({ code: 'unreachable', exit: 69 })
    expect(latencyMs.p50).toBeGreaterThan(0)
    expect(confirmed + unanswered).toBe(events)
  })

  test('goes dumb ends it with 75', async () => {
    way = await swallowingProxy()
    const words = ['bench', `rabbitmq:127.0.0.1:${way.port}/q`, '--reply-timeout', '300']
    expect(await evi.run(words)).toMatchObject({
      code: 75,
      stdout: expect.stringMatching(
        /^events {4}0 confirmed, 0 returned, 0 rejected, \d+,?\d* without an answer\nmeasured {2}nothing\n$/,
      ),
      stderr: expect.stringMatching(/✖ RabbitMQ did not answer within 300 ms/),
    })
  })

  test('is not there is reported before anything is published, 69', async () => {
    const ended = await evi.run(['bench', `rabbitmq:127.0.0.1:${await closedPort()}/q`, '--json'])
    expect(ended).toMatchObject({ code: 69, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({
      error: expect.objectContaining({ code: 'unreachable', exit: 69 }),
    })
  })
})

test('a broker with a memory alarm is not waited for, 75', async () => {
  await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.00001')
  try {
    expect(await bench('q', '--reply-timeout', '300')).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/✖ RabbitMQ blocks publishers \(low on memory\)/),
    })
  } finally {
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
  }
})

describe('what its flags say', () => {
  test.each([
    [['--size', '59'], 64, /from 60 to .*\n.*60 bytes before any padding/],
    [['--size', '20000'], 65, /20000 bytes, more than the 16384/],
    [['--window', '0'], 64, /--window is "0", not a whole number of events from 1 to 1000000/],
    [['--rate', 'x'], 64, /--rate is "x"/],
    [['--duration', '100000'], 64, /--duration is "100000", not a number of seconds from 0.001 to 86400/],
    [['--count', '0'], 64, /--count is "0"/],
    [
      ['--count', '1', '--duration', '1'],
      64,
      /--(?:count cannot be used with --duration|duration cannot be used with --count)\./,
    ],
  ])('%j is refused', async (words, code, reason) => {
    expect(await bench('q', ...words)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringMatching(reason),
    })
  })

  test('--size beyond the limit goes with --max-message', async () => {
    expect(await bench('q', '--size', '200000', '--max-message', '0', '--count', '20')).toMatchObject({
      code: 0,
    })
  })
})

test('a terminal shows how far it is, and the numbers in colour', async () => {
  await using terminal = new Terminal(evi, ['bench', `${own.address}/q`, '--rate', '500', '--duration', '1'])
  await terminal.shows(/█░* \d+ % {2}\d+ confirmed/)
  await terminal.shows(/rate +\d+ events\/s/)
  await terminal.shows(/ms +█{48}/)
  expect(await terminal.ended()).toBe(0)
  expect(terminal.raw).toContain('\u001b[32m█')
})
