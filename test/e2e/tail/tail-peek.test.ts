import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, brokerAddress, Client, printedAddress } from '../../helpers/brokers/client.ts'
import { serve } from '../../helpers/brokers/local-server.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { client, useClient } from '../../helpers/evi/fixtures.ts'

let evi: Evi
let queue: string
useClient()
beforeEach(() => {
  evi = new Evi()
  queue = `q-${randomUUID()}`
})
afterEach(async () => {
  await evi.dispose()
  await client.channel.deleteQueue(queue)
})

const declare = (options = {}) => client.channel.assertQueue(queue, options)
const peek = (...words: string[]) =>
  evi.run(['tail', '--socket', `${brokerAddress}/${queue}`, '--peek', ...words])
const subscribe = async (...places: string[]) => {
  for (const place of places) await evi.run(['subscribe', 'E_X', `${brokerAddress}/${place}`])
}
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`)
const lines = (bodies: readonly string[]) => bodies.map((body) => `${body}\n`).join('')

/** Publishes so many bodies, 1, 2, 3, …, and waits until all are ready. */
async function fill(number: number, priority?: (body: number) => number): Promise<void> {
  for (const body of numbers(1, number)) {
    const options = priority ? { priority: priority(Number(body)) } : {}
    client.channel.sendToQueue(queue, Buffer.from(body), options)
  }
  const ready = async () => (await client.channel.checkQueue(queue)).messageCount
  await expect.poll(ready).toBe(number)
}

/** What a consumer would get, each as its body and, where it is marked so, `redelivered`. */
async function taken(): Promise<string[]> {
  return (await client.take(queue)).map(bodyOf)
}

describe('what a look does to the messages', () => {
  test('each is shown once, and all are back in order, marked as redelivered', async () => {
    await declare()
    await fill(5)
    expect(await peek('--raw')).toEqual({
      code: 0,
      stdout: lines(numbers(1, 5)),
      stderr: `✔ Looked at all 5 messages of ${printedAddress}/${queue}; they are back in their places.\n`,
      ms: expect.any(Number),
    })
    expect(await peek('--raw')).toMatchObject({ stdout: lines(numbers(1, 5)) })
    expect(await taken()).toEqual(numbers(1, 5).map((body) => `${body} redelivered`))
  })

  test('--count looks at the first ones, and leaves those behind alone', async () => {
    await declare()
    await fill(5)
    const { stdout, stderr } = await peek('--raw', '--count', '2')
    expect({ stdout, stderr }).toEqual({
      stdout: '1\n2\n',
      stderr: expect.stringContaining('Looked at the first 2 of 5 messages'),
    })
    expect(await taken()).toEqual(['1 redelivered', '2 redelivered', '3', '4', '5'])
  })

  test('with fewer messages than --count it ends with 124, as tail does', async () => {
    await declare()
    await fill(2)
    expect(await peek('--count', '3')).toMatchObject({
      code: 124,
      stderr: expect.stringMatching(/evi: 2 of 3 events were there to be seen\.\n$/),
    })
  })

  test('without --count it ends after 1000, and says how many are left', async () => {
    await declare()
    await fill(1003)
    const { stdout, stderr } = await peek('--raw')
    expect(stdout).toBe(lines(numbers(1, 1000)))
    expect(stderr).toContain('Looked at the first 1000 of 1003 messages')
    expect(await taken()).toEqual([
      ...numbers(1, 1000).map((body) => `${body} redelivered`),
      '1001',
      '1002',
      '1003',
    ])
  })

  test.each([
    ['lazy', { arguments: { 'x-queue-mode': 'lazy' } }],
    ['bounded', { arguments: { 'x-max-length': 4, 'x-overflow': 'reject-publish' } }],
    ['with a time to live', { arguments: { 'x-message-ttl': 600_000 } }],
    ['with a single active consumer', { arguments: { 'x-single-active-consumer': true } }],
    ['gone with its last consumer', { autoDelete: true }],
  ])('a queue that is %s has them all back', async (_, options) => {
    await declare(options)
    await fill(4)
    expect(await peek('--raw')).toMatchObject({ code: 0, stdout: lines(numbers(1, 4)) })
    expect(await taken()).toEqual(numbers(1, 4).map((body) => `${body} redelivered`))
  })

  test('a queue with priorities is shown as its consumer will get it', async () => {
    await declare({ maxPriority: 2 })
    await fill(6, (body) => body % 3)
    const inOrder = ['2', '5', '1', '4', '3', '6']
    expect(await peek('--raw', '--count', '3')).toMatchObject({ stdout: lines(inOrder.slice(0, 3)) })
    expect((await taken()).map((body) => body.slice(0, 1))).toEqual(inOrder)
  })

  test('a consumer at work misses nothing, however often evi looks', async () => {
    await declare()
    await fill(300)
    const worker = await Client.connect()
    const seen = await worker.work(queue, { prefetch: 1 })
    const looks = await Promise.all([peek('--raw'), peek('--raw'), peek('--raw')])
    await expect.poll(() => seen.length).toBe(300)
    await worker.close()
    expect(new Set(seen.map(Number.parseFloat)).size).toBe(300)
    expect(await client.channel.checkQueue(queue)).toMatchObject({ messageCount: 0, consumerCount: 0 })
    for (const { code, stdout } of looks) {
      const shown = stdout.split('\n').slice(0, -1)
      expect({ code, shownTwice: shown.length - new Set(shown).size }).toEqual({ code: 0, shownTwice: 0 })
    }
  })

  test('they are back before a slow reader of the output has seen them', async () => {
    await declare()
    const body = 'x'.repeat(20_000)
    for (let number = 0; number < 50; number++) client.channel.sendToQueue(queue, Buffer.from(body))
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(50)
    const hold = `${evi.configDirectory}/hold`
    const shell = evi.startShell(`mkfifo ${hold}
      evi tail --socket ${brokerAddress}/${queue} --peek --raw | { head -c 1 >&2; : < ${hold}; wc -c; }`)
    await shell.said('stderr', /x/)
    expect((await client.take(queue)).length).toBe(50)
    await evi.shell(`: > ${hold}`)
    expect(await shell.ended).toMatchObject({ code: 0 })
  })

  test('an empty queue is reported as such, and so are consumers that hold all', async () => {
    await declare()
    expect(await peek()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('No message is ready'),
    })
    const worker = await Client.connect()
    await worker.channel.consume(queue, () => {}, { exclusive: true })
    expect(await peek()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('its consumers (1) have what'),
    })
    await worker.close()
  })

  test('it shows what the exclusive consumer has not taken yet', async () => {
    await declare()
    const worker = await Client.connect()
    await worker.channel.prefetch(1)
    await worker.channel.consume(queue, () => {}, { exclusive: true })
    for (const body of numbers(1, 3)) client.channel.sendToQueue(queue, Buffer.from(body))
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(2)
    const { stdout, stderr } = await peek('--raw')
    expect({ stdout, stderr }).toEqual({
      stdout: '2\n3\n',
      stderr: expect.stringContaining(
        'Events that reached its consumers (1) during the look may have overtaken these',
      ),
    })
    await worker.close()
  })
})

describe('where a look would do harm', () => {
  test('a quorum queue is left alone, as a look counts as a delivery', async () => {
    await declare({ durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 0 } })
    await fill(2)
    for (const words of [['--peek'], [], ['--from', 'first']]) {
      const run = await evi.run(['tail', '--socket', `${brokerAddress}/${queue}`, ...words])
      expect(run).toMatchObject({
        code: 73,
        stdout: '',
        stderr: expect.stringContaining('rabbitmq-queues peek'),
      })
    }
    expect(await taken()).toEqual(['1', '2'])
  })

  test('a stream is not for looking but for reading', async () => {
    await declare({ durable: true, arguments: { 'x-queue-type': 'stream' } })
    expect(await peek()).toMatchObject({ code: 73, stderr: expect.stringMatching(/a stream.*--from first/s) })
  })

  test('a queue of another connection alone is reported, with the way that is left', async () => {
    const owner = await Client.connect()
    await owner.channel.assertQueue(queue, { exclusive: true })
    expect(await peek()).toMatchObject({ code: 73, stderr: expect.stringMatching(/exclusive.*--firehose/s) })
    // RabbitMQ 4.3 may still hold the lock for a moment after it has confirmed the close.
    await owner.channel.deleteQueue(queue)
    await owner.close()
  })

  test('no queue is exit code 5, an exchange 64, and neither is declared', async () => {
    expect(await peek()).toMatchObject({ code: 5, stderr: expect.stringContaining(`no queue "${queue}"`) })
    const exchange = await evi.run(['tail', '--socket', `${brokerAddress}/amq.topic?x`, '--peek'])
    expect(exchange).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is an exchange, which keeps no messages'),
    })
    expect(await evi.run(['raise', 'E_X', '--socket', `${brokerAddress}/${queue}`])).toMatchObject({
      code: 5,
    })
  })

  test('tail of an event with a queue and an exchange names what looks at the queue', async () => {
    await declare()
    await fill(1)
    await subscribe(queue, 'amq.topic?k')
    const { stderr } = await evi.run(['tail', 'E_X', '--timeout', '0.1'])
    const [, socket = ''] = /evi tail --peek --socket (\S+)/.exec(stderr) ?? []
    const looked = await evi.run(['tail', '--peek', '--raw', '--socket', socket])
    expect(looked).toMatchObject({ code: 0, stdout: '1\n' })
  })

  test('a queue that cannot be looked at stops no other, and its reason comes last', async () => {
    await declare()
    await fill(1)
    const look = (...sockets: string[]) =>
      evi.run(['tail', '--peek', '--raw', ...sockets.flatMap((socket) => ['--socket', socket])])
    const [there, gone] = [`${brokerAddress}/${queue}`, `${brokerAddress}/gone-${randomUUID()}`]
    const dead = `rabbitmq:127.0.0.1:${await closedPort()}/q`
    expect(await look(gone, dead, there)).toEqual(
      expect.objectContaining({
        code: 3,
        stdout: '1\n',
        stderr: expect.stringMatching(
          /^✔ Looked at the one message of .*\n✖ \S+\/gone-\S+: There is no queue .*\n(?: .*\n)+✖ \S+: .* refuses the connection.*\n/,
        ),
      }),
    )
    const none = await look(gone, dead)
    expect({ code: none.code, stderr: none.stderr }).toEqual({
      code: 69,
      stderr: expect.stringMatching(/There is no queue .*None of the 2 queues can be looked at\.\n$/s),
    })
    const silent = await serve(() => {})
    const start = performance.now()
    const all = ['--peek', '--reply-timeout', '1s'].concat(
      numbers(1, 10).flatMap((name) => ['--socket', `rabbitmq:127.0.0.1:${silent.port}/${name}`]),
    )
    expect(await evi.run(['tail', ...all])).toMatchObject({ code: 69 })
    // The time for a reply once, and not for each queue.
    expect(performance.now() - start).toBeLessThan(8000)
    await silent.close()
  })

  test('the exchanges of an event are named at the end, and its queues are looked at', async () => {
    await declare()
    await fill(1)
    const other = await client.queue()
    await subscribe('amq.topic?k', queue, other)
    const { code, stdout, stderr } = await evi.run(['tail', 'E_X', '--peek', '--raw'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '1\n' })
    const lines = stderr.split('\n')
    expect(lines[0]).toContain(`Looked at the one message of ${printedAddress}/${queue};`)
    expect(lines[1]).toContain(`No message is ready in the queue of ${printedAddress}/${other}`)
    expect(lines[2]).toBe(
      `✖ ${printedAddress}/amq.topic?k: "amq.topic" is an exchange, which keeps no messages; --peek is for a queue.`,
    )
    expect(lines[3]).toBe(
      `  To see what is published to it from now on: evi tail --socket '${printedAddress}/amq.topic?k'`,
    )
    await subscribe(...numbers(1, 9).map((key) => `amq.topic?${key}`))
    expect((await evi.run(['tail', 'E_X', '--peek'])).stderr).toMatch(
      /^✖ 10 sockets cannot be looked at, such as \S+amq.topic\?k: "amq.topic" is an exchange/m,
    )
    await evi.run(['unsubscribe', 'E_X', '--all'])
    await subscribe('amq.topic?k', 'amq.direct?k')
    expect(await evi.run(['tail', 'E_X', '--peek'])).toMatchObject({ code: 64, stdout: '' })
    await subscribe(`gone-${randomUUID()}`)
    expect(await evi.run(['tail', 'E_X', '--peek'])).toMatchObject({ code: 5, stdout: '' })
  })

  test('a queue that exists is refused with the ways that take nothing', async () => {
    await declare()
    await fill(1)
    const { code, stderr } = await evi.run(['tail', '--socket', `${brokerAddress}/${queue}`])
    expect({ code, stderr }).toEqual({
      code: 73,
      stderr: expect.stringMatching(
        /messages ready: 1, consumers: 0.*--peek.*--firehose.*rabbitmqctl trace_on\n/s,
      ),
    })
    expect(await taken()).toEqual(['1'])
  })
})
