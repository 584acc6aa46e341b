import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { Client } from '../../helpers/brokers/client.ts'
import { type ClusterNode, startCluster } from '../../helpers/brokers/cluster.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { closedPort, mutePort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

let cluster: Awaited<ReturnType<typeof startCluster>>
/** Of the three nodes, as they stand in a socket. */
let hosts: string
beforeAll(async () => {
  cluster = await startCluster()
  hosts = cluster.nodes.map(({ address }) => address).join()
})
afterAll(() => cluster.stop())
useEvi()

describe('the first node is stopped', () => {
  beforeAll(() => cluster.nodes[0].stop())
  afterAll(() => cluster.mend(), 90_000)

  test('raise uses the next one and names it', async () => {
    const [, second] = cluster.nodes
    const queue = await queueOn(second.port)
    const words = ['raise', 'E_X', '--sync', '--socket', `rabbitmq:${hosts}/${queue}`]
    const printed = `rabbitmq:guest@${hosts}/${queue}`
    const plain = await evi.run(words)
    expect(plain).toMatchObject({ code: 0, stderr: '' })
    expect(plain.stdout).toContain(`✔ ${printed} via ${second.address}  confirmed`)
    const [result] = await resultsOf([...words, '--json'])
    expect(result).toMatchObject({ socket: printed, status: 'confirmed', host: second.address })
  })

  test('tail uses the next one and names it', async () => {
    const [, second] = cluster.nodes
    const socket = `rabbitmq:${hosts}/amq.fanout?k`
    const tail = evi.start(['tail', '--socket', socket, '--raw', '--count', '1'])
    await tail.said('stderr', /Watching/)
    expect(tail.stderr).toContain(`Watching rabbitmq:guest@${hosts}/amq.fanout?k via ${second.address} …\n`)
    await evi.run(['raise', 'E_X', '--socket', socket])
    expect(await tail.ended).toMatchObject({ code: 0, stdout: '{"jsonrpc":"2.0","method":"E_X"}\n' })
  })

  test('check reports it and finds the wiring whole by the next one', async () => {
    const [first, second] = cluster.nodes
    const queue = await queueOn(second.port)
    const { code, stdout } = await evi.run(['check', '--socket', `rabbitmq:${hosts}/${queue}`, '--json'])
    const [found] = JSON.parse(stdout).checks
    expect({ code, ...found }).toMatchObject({ code: 0, ok: true, host: second.address })
    expect(found.steps).toContainEqual(expect.objectContaining({ host: first.address, step: 'tcp' }))
  })
})

describe('the node in use is killed', () => {
  afterEach(() => cluster.mend(), 90_000)

  test.each([
    ['a named exchange', () => 'amq.fanout?k'],
    ['a queue that evi stands in for', () => `stand-in-${randomUUID()}`],
  ])(
    'in the middle of a tail of %s: the next one is watched and named, the gap reported',
    async (_, route) => {
      const [first, second] = cluster.nodes
      const socket = `rabbitmq:${hosts}/${route()}`
      const tail = evi.start(['tail', '--socket', socket, '--raw', '--count', '2'])
      await tail.said('stderr', new RegExp(` via ${first.address} …\n`))
      await evi.run(['raise', 'E_BEFORE', '--socket', socket])
      await tail.said('stdout', /E_BEFORE/)
      await first.kill()
      await tail.said('stderr', new RegExp(`The connection to ${first.address} was lost`))
      if (route().startsWith('stand-in') && (await keepsQueuesOfDeadNodes(second))) {
        await tail.said('stderr', /is evi's own, left behind on/)
        await first.start()
      }
      const gap = 'events of the last \\d+\\.\\d s may have been missed'
      await tail.said('stderr', new RegExp(`✔ Watching .* via ${second.address} again; ${gap}`))
      // The dead node's queue of tail is still bound there, and rejects its copy.
      const rejects = route().startsWith('amq') && (await keepsQueuesOfDeadNodes(second))
      await raiseUntilRouted('E_AFTER', socket, rejects ? 75 : 0)
      const { code, stdout } = await tail.ended
      expect({ code, methods: methodsIn(stdout) }).toEqual({ code: 0, methods: ['E_BEFORE', 'E_AFTER'] })
    },
  )

  test('a stand-in queue that a failing node took along without a word is made again', async () => {
    const [first] = cluster.nodes
    const queue = `stand-in-${randomUUID()}`
    const socket = `rabbitmq:${first.address}/${queue}`
    const tail = evi.start(['tail', '--socket', socket, '--raw', '--count', '1'])
    await tail.said('stderr', /Watching/)
    await first.rabbitmqctl('eval', forget(queue))
    await tail.said('stderr', /✖ The watched queue "\S+" was deleted on the broker\.\n✔ Watching .* again/)
    await raiseUntilRouted('E_X', socket)
    expect(await tail.ended).toMatchObject({ code: 0 })
  })

  test('under a stream into the quorum queue that it leads: every event arrives', async () => {
    const [first, second] = cluster.nodes
    const queue = await queueOn(first.port, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    const client = await Client.connect(second.port)
    const numbered = (from: number, to: number) =>
      Array.from(
        { length: to - from },
        (_, index) => `{"jsonrpc":"2.0","method":"E_${from + index}"}\n`,
      ).join('')
    const stream = evi.start(['raise', '-', '--sync', '--socket', `rabbitmq:${hosts}/${queue}`], {
      open: true,
      input: numbered(0, 10_000),
    })
    const ready = async () => (await client.channel.checkQueue(queue)).messageCount
    await expect.poll(ready).toBeGreaterThan(100)
    await first.kill()
    stream.write(numbered(10_000, 12_000))
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/12,000 confirmed/) })
    const seen = await client.work(queue, { prefetch: 1000 })
    await expect.poll(() => new Set(seen).size).toBe(12_000)
    await client.close()
  })

  test('between a raise and its confirm: what is not known is reported, and the next raise uses the next one', async () => {
    const [first, second] = cluster.nodes
    const words = [
      'raise',
      'E_X',
      '--sync',
      '--reply-timeout',
      '60000',
      '--socket',
      `rabbitmq:${hosts}/amq.fanout?k`,
    ]
    const watch = evi.start(['tail', '--socket', `rabbitmq:${second.address}/amq.fanout?k`, '--count', '1'])
    await watch.said('stderr', /Watching/)
    // A broker with an alarm reads no message, so the confirm does not come.
    await first.rabbitmqctl('set_vm_memory_high_watermark', '0.00001')
    const raise = evi.start(words)
    await expect.poll(() => first.rabbitmqctl('list_connections', 'state')).toMatch(/^blocked$/m)
    await first.kill()
    const { code, stdout } = await raise.ended
    expect({ code, stdout }).toEqual({
      code: 69,
      stdout: expect.stringMatching(
        new RegExp(`The connection to ${first.address} was lost: .*\\. The message may have arrived\\.\n`),
      ),
    })
    expect((await evi.run(words)).stdout).toContain(` via ${second.address}  confirmed`)
    expect(await watch.ended).toMatchObject({ code: 0 })
  })

  test('and comes back: a tail of it alone goes on, and a confirmed persistent event is still there', async () => {
    const [, , third] = cluster.nodes
    const queue = await queueOn(third.port, { durable: true })
    const socket = `rabbitmq:${third.address}/persistent?${queue}`
    expect(await evi.run(['raise', 'E_X', '--sync', '--socket', socket])).toMatchObject({ code: 0 })
    const tail = evi.start(['tail', '--socket', `rabbitmq:${third.address}/amq.topic?k`, '--count', '1'])
    await tail.said('stderr', /Watching/)
    await third.kill()
    await tail.said('stderr', /refuses the connection.*Trying again/)
    await third.start()
    await tail.said('stderr', /Watching .* again/)
    await evi.run(['raise', 'E_X', '--socket', `rabbitmq:${third.address}/amq.topic?k`])
    expect(await tail.ended).toMatchObject({ code: 0 })
    expect(await take(third.port, queue)).toEqual(['{"jsonrpc":"2.0","method":"E_X"}'])
  })
})

describe('the node of a classic queue is killed', () => {
  const queue = `far-${randomUUID()}`
  beforeAll(async () => {
    const [, second] = cluster.nodes
    await queueOn(second.port, { durable: true }, queue)
    await second.kill()
  })
  afterAll(() => cluster.mend(), 90_000)

  /** RabbitMQ 3 says so; RabbitMQ 4 does not answer for more than a minute. */
  const isDown = /home node '.+' of durable queue 'far-.+' in vhost '\/' is down|the queue may be down/
  const socket = () => `rabbitmq:${cluster.nodes[0].address}/${queue}`

  test.each([
    ['check', '--socket'],
    ['tail', '--timeout', '2', '--socket'],
    ['tail', '--peek', '--socket'],
  ])('%s says that the queue is down, and not that it is missing', async (...words) => {
    const start = performance.now()
    const { code, stdout, stderr } = await evi.run([...words, socket(), '--reply-timeout', '4s'])
    expect({ code, said: stdout + stderr }).toEqual({ code: 75, said: expect.stringMatching(isDown) })
    // The time for a reply once, and not once more for the end of the connection.
    expect(performance.now() - start).toBeLessThan(7800)
    expect(stdout + stderr).not.toContain('There is no')
    expect(stdout + stderr).toContain('Start the node that holds the queue')
  })

  test('raise and a stream say that the event is lost for now, and not that the queue is missing', async () => {
    const raised = await evi.run(['raise', 'E_X', '--socket', socket()])
    const streamed = await evi.run(['raise', '-', '--retry-for', '0', '--socket', socket()], {
      input: '{"jsonrpc":"2.0","method":"E_X"}\n',
    })
    for (const { code, stdout, stderr } of [raised, streamed]) {
      const said = stdout + stderr
      expect({ code, said }).toEqual({ code: 75, said: expect.stringMatching(/ is down/) })
      expect(said).not.toContain('There is no queue')
    }
  })

  test('the sentence with which the broker says so is in the table of replies', async () => {
    const client = await Client.connect(cluster.nodes[0].port)
    client.channel.on('error', () => {})
    const refusal = await client.channel.checkQueue(queue).catch(messageOf)
    expect(readReply(replyOf(String(refusal))?.text ?? '')).toMatchObject({ kind: 'queue-down' })
    await client.close().catch(() => {})
  })
})

describe('a quorum queue without a majority', () => {
  const queue = `lonely-${randomUUID()}`
  const socket = () => `rabbitmq:${cluster.nodes[0].address}/${queue}`
  beforeAll(async () => {
    const [first, second, third] = cluster.nodes
    await queueOn(first.port, { durable: true, arguments: { 'x-queue-type': 'quorum' } }, queue)
    await Promise.all([second.kill(), third.kill()])
  })
  afterAll(() => cluster.mend(), 90_000)

  const modes = ['--sync', '--no-sync']
  // The broker does answer all else, so that a long time-out would only be waited for.
  const to = () => ['--reply-timeout', '5s', '--socket', socket()]

  test('makes a raise fail with 75, whatever the mode', async () => {
    const raised = await Promise.all(modes.map((mode) => evi.run(['raise', 'E_X', mode, ...to()])))
    for (const { code, stdout } of raised)
      expect({ code, stdout }).toEqual({ code: 75, stdout: expect.stringMatching(/majority/) })
  })

  test('leaves each line of a stream in --failed, whatever the mode', async () => {
    const lines = Array.from({ length: 10 }, (_, n) => `{"jsonrpc":"2.0","method":"E_${n}"}`)
    const input = `${lines.join('\n')}\n`
    const kept = (mode: string) => join(evi.configDirectory, mode)
    const words = (mode: string) => ['raise', '-', mode, '--retry-for', '0', '--failed', kept(mode), ...to()]
    const streamed = await Promise.all(modes.map((mode) => evi.run(words(mode), { input })))
    for (const { code, stderr } of streamed)
      expect({ code, stderr }).toEqual({
        code: 75,
        stderr: expect.stringMatching(/10 read, 0 \w+, 10 failed/),
      })
    for (const mode of modes)
      expect(readFileSync(kept(mode), 'utf8').trim().split('\n').sort()).toEqual(lines)
  })
})

describe('a host that is no help', () => {
  let other: LocalServer | undefined
  afterEach(() => other?.close())

  test('one that does not even refuse costs connect_timeout, and the next one is used', async () => {
    const [, second] = cluster.nodes
    other = await mutePort()
    const socket = `rabbitmq:127.0.0.1:${other.port},${second.address}/amq.fanout?k`
    const watch = evi.start(['tail', '--socket', socket, '--count', '1'])
    await watch.said('stderr', new RegExp(` via ${second.address} …`))
    const [result] = await resultsOf([
      'raise',
      'E_X',
      '--connect-timeout',
      '400',
      '--socket',
      socket,
      '--json',
    ])
    expect(result).toMatchObject({ status: 'sent', host: second.address })
    expect(result?.ms).toBeGreaterThan(400)
    expect(result?.ms).toBeLessThan(400 + 1000)
    expect(await watch.ended).toMatchObject({ code: 0 })
  })

  test('one that refuses the login has answered for all: the next one is not asked', async () => {
    const [, second] = cluster.nodes
    let asked = 0
    other = await serve(() => asked++)
    const socket = `rabbitmq:guest:wrong@${second.address},127.0.0.1:${other.port}/q`
    for (const command of [['raise', 'E_X'], ['tail'], ['check']]) {
      const { code, stdout, stderr } = await evi.run([...command, '--socket', socket])
      expect({ command, code, said: stdout + stderr }).toEqual({
        command,
        code: 77,
        said: expect.stringMatching(/login of the user "guest" was refused/),
      })
    }
    expect(asked).toBe(0)
  })

  test('when none answers, the reason of each is reported', async () => {
    const ports = [await closedPort(), await closedPort()]
    const socket = `rabbitmq:${ports.map((port) => `127.0.0.1:${port}`)}/q`
    const [result] = await resultsOf(['raise', 'E_X', '--socket', socket, '--json'])
    expect(result).toMatchObject({ status: 'unreachable', host: null })
    for (const port of ports) expect(result?.reason).toContain(`127.0.0.1:${port} refuses the connection`)
  })
})

interface Result {
  readonly socket: string
  readonly status: string
  readonly host: string | null
  readonly ms: number
  readonly reason: string | null
}

async function resultsOf(words: readonly string[]): Promise<readonly Result[]> {
  return JSON.parse((await evi.run(words)).stdout).results
}

/** A queue made right after a node's failure may be deleted with that node's; tail then makes it anew. */
async function raiseUntilRouted(event: string, socket: string, code = 0): Promise<void> {
  const raise = async () => (await evi.run(['raise', event, '--socket', socket])).code
  await expect.poll(raise).toBe(code)
}

/** With Khepri (RabbitMQ 4.3), a transient queue stays recorded, and locked, until its node is back. */
async function keepsQueuesOfDeadNodes(node: ClusterNode): Promise<boolean> {
  const ask = 'try rabbit_khepri:is_enabled() catch _:_ -> false end.'
  return (await node.rabbitmqctl('eval', ask)).includes('true')
}

/** Erlang that deletes a queue's record only. RabbitMQ 4.3 keeps the records in Khepri, 3.10 in Mnesia. */
function forget(queue: string): string {
  return `case code:ensure_loaded(rabbit_db_queue) of
     {module, _} -> rabbit_db_queue:delete(${resourceOf(queue)}, normal);
     _ -> mnesia:dirty_delete(rabbit_queue, ${resourceOf(queue)})
   end.`
}

/** The queue's key in RabbitMQ's tables, as Erlang writes it. */
function resourceOf(queue: string): string {
  return `{resource,<<"/">>,queue,<<"${queue}">>}`
}

function methodsIn(lines: string): string[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).method)
}

/** A queue that outlives its client. */
async function queueOn(
  port: number,
  options: Options.AssertQueue = { durable: false },
  name = `q-${randomUUID()}`,
): Promise<string> {
  const client = await Client.connect(port)
  const { queue } = await client.channel.assertQueue(name, options)
  await client.close()
  return queue
}

async function take(port: number, queue: string): Promise<string[]> {
  const client = await Client.connect(port)
  const messages = await client.take(queue)
  await client.close()
  return messages.map(({ content }) => content.toString())
}
