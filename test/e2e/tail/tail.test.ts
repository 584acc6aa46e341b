import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ownQueueLimit } from '#lib/broker/consume/private-queue.ts'
import { brokerAddress, Client, printedAddress } from '../../helpers/brokers/client.ts'
import { freezableProxy, proxy } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import vectors from '../../vectors/payloads.json' with { type: 'json' }

useClient()
useEvi()

const fresh = () => `stand-in-${randomUUID()}`
const publish = (exchange: string, key: string, body: string | Buffer, options = {}) =>
  client.channel.publish(exchange, key, Buffer.from(body), options)
const notification = '{"jsonrpc":"2.0","method":"E_X","params":{"ip":"192.168.2.11","n":1.0}}'

async function watch(...words: string[]) {
  const running = evi.start(['tail', ...words])
  await running.said('stderr', /Watching/)
  return running
}

describe('the default exchange', () => {
  test('evi stands in for a queue that is not there, and leaves nothing behind', async () => {
    const queue = fresh()
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${queue}`])
    const tail = await watch('E_X', '--count', '1')
    expect(await evi.run(['raise', 'E_X', '--param', 'ip=192.168.2.11', '--sync'])).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await tail.ended
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^[\d:.]{12} {2}E_X {2}ip=192\.168\.2\.11\n$/),
    })
    expect(stderr).toMatch(/evi stands in: no consumer can declare it while evi watches/)
    expect(await evi.run(['raise', 'E_X'])).toMatchObject({ code: 5 })
  })

  test('a queue that exists keeps its messages, exit code 73', async () => {
    const queue = await client.queue()
    publish('', queue, 'kept')
    const { code, stdout, stderr } = await evi.run(['tail', '--socket', `${brokerAddress}/${queue}`])
    expect({ code, stdout, stderr }).toEqual({ code: 73, stdout: '', stderr: expect.stringContaining(queue) })
    const messages = await client.take(queue)
    expect(messages.map(({ content, fields }) => [content.toString(), fields.redelivered])).toEqual([
      ['kept', false],
    ])
  })

  test('a refused login of a subscriber names the command that stores the right password', async () => {
    const [, host] = brokerAddress.split('@')
    await evi.run(['subscribe', 'E_X', `rabbitmq:stranger:wrong@${host}/q`])
    const { code, stderr } = await evi.run(['tail', 'E_X'])
    expect(code).toBe(77)
    expect(stderr).toContain(`evi password --host ${host} --user stranger\n`)
  })

  test('an exclusive queue of another connection is refused as existing, too', async () => {
    const queue = fresh()
    await client.channel.assertQueue(queue, { exclusive: true })
    expect(await evi.run(['tail', '--socket', `${brokerAddress}/${queue}`])).toMatchObject({ code: 73 })
  })

  test("no queue can have an empty name or one of the broker's own", async () => {
    expect(await evi.run(['tail', '--socket', `${brokerAddress}/?`])).toMatchObject({ code: 73 })
    expect(await evi.run(['tail', '--socket', `${brokerAddress}/amq.x`])).toMatchObject({ code: 73 })
  })
})

describe('a named exchange', () => {
  test('is watched as a copy: the real queue gets all, in order', async () => {
    const [exchange, queue] = [await client.exchange('topic'), await client.queue()]
    await client.channel.bindQueue(queue, exchange, 'a.#')
    const tail = await watch('--socket', `${brokerAddress}/${exchange}?a.b`, '--raw', '--count', '20')
    const bodies = Array.from({ length: 20 }, (_, number) => `body ${number}`)
    for (const body of bodies) publish(exchange, 'a.b', body)
    publish(exchange, 'a.c', 'not for this key')
    expect((await tail.ended).stdout).toBe(bodies.map((body) => `${body}\n`).join(''))
    const kept = await client.take(queue)
    expect(kept.map(({ content }) => content.toString())).toEqual([...bodies, 'not for this key'])
    expect(kept.every(({ fields }) => !fields.redelivered)).toBe(true)
  })

  test('--binding-key watches by another pattern', async () => {
    const exchange = await client.exchange('topic')
    const tail = await watch(
      '--socket',
      `${brokerAddress}/${exchange}?a`,
      '--binding-key',
      '#',
      '--raw',
      '--count',
      '1',
    )
    publish(exchange, 'zzz', 'seen')
    expect((await tail.ended).stdout).toBe('seen\n')
  })

  test.each([
    ['', 'of its own'],
    ['amq.', 'that RabbitMQ keeps for itself'],
  ])('one that is not there ends with 76: a name with "%s" before it, %s', async (prefix) => {
    const { code, stderr } = await evi.run(['tail', '--socket', `${brokerAddress}/${prefix}${fresh()}?k`])
    expect({ code, stderr }).toEqual({
      code: 76,
      stderr: expect.stringMatching(/^evi: There is no exchange/),
    })
  })
})

describe('the three forms', () => {
  test('--json is a line each, with the notification as it was written', async () => {
    const exchange = await client.exchange('fanout')
    const tail = await watch('--socket', `${brokerAddress}/${exchange}?k`, '--json', '--count', '4')
    publish(exchange, 'k', '{ "jsonrpc":"2.0",\n"method":"E_X","params":{"10":1.0,"2":1e400} }', {
      headers: { a: 1 },
    })
    publish(exchange, 'k', 'no "notification"')
    publish(exchange, 'k', Buffer.from([0xff, 0x00]))
    publish(exchange, 'k', `{"jsonrpc":"2.0","method":"E_\u009b\u202e\u007f"}`)
    const lines = (await tail.ended).stdout.trimEnd().split('\n')
    const parsed = lines.map((line) => JSON.parse(line))
    const socket = `${printedAddress}/${exchange}?k`
    expect(lines[0]).toContain('"message":{"jsonrpc":"2.0","method":"E_X","params":{"10":1.0,"2":1e400}}')
    expect(parsed[0]).toMatchObject({
      socket,
      exchange,
      routingKey: 'k',
      redelivered: false,
      properties: { headers: { a: 1 } },
    })
    expect(new Date(parsed[0].time).toISOString()).toBe(parsed[0].time)
    expect(parsed[1].body).toBe('no "notification"')
    expect(parsed[2].bodyBase64).toBe('/wA=')
    expect(parsed[3].message.method).toBe('E_\u009b\u202e\u007f')
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('text shows parameters as raise takes them, and no control character', async () => {
    const tail = await watch('--socket', `${brokerAddress}/amq.fanout?k`, '--count', '3')
    const params = { a: 'x y', esc: '\u001b[31m\u202e\u009b', n: 1, o: { p: [] } }
    publish('amq.fanout', 'k', JSON.stringify({ jsonrpc: '2.0', method: 'E_X', params }))
    publish('amq.fanout', 'k', '\u001b]0;title\u0007 no notification')
    publish('amq.fanout', 'k', Buffer.from([0xff]))
    const lines = (await tail.ended).stdout.split('\n')
    expect(lines[0]).toMatch(/ {2}E_X {2}a="x y" {2}esc=.* {2}n:=1 {2}o:={"p":\[\]}$/)
    expect(lines[1]).toMatch(/no notification: "\\u001b\]0;title\\u0007 no notification"$/)
    expect(lines[2]).toMatch(/no notification: base64 \/w==$/)
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('--raw gives each vector back to the byte', async () => {
    const queue = fresh()
    const tail = await watch(
      '--socket',
      `${brokerAddress}/${queue}`,
      '--raw',
      '--count',
      String(vectors.length),
    )
    for (const { argv } of vectors) await evi.run(['raise', ...argv, '--socket', `${brokerAddress}/${queue}`])
    expect((await tail.ended).stdout).toBe(vectors.map(({ body }) => `${body}\n`).join(''))
  })
})

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s is 0, and the queue is gone', async (signal) => {
    const queue = fresh()
    const tail = await watch('--socket', `${brokerAddress}/${queue}`)
    expect(await tail.kill(signal)).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_X', '--socket', `${brokerAddress}/${queue}`])).toMatchObject({
      code: 5,
    })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'evi tail --count exits with 130 when %s comes before the last of its events',
    async (signal) => {
      const queue = fresh()
      const tail = await watch('--socket', `${brokerAddress}/${queue}`, '--count', '2', '--raw')
      publish('', queue, 'one')
      await tail.said('stdout', /one/)
      expect(await tail.kill(signal)).toMatchObject({
        code: 130,
        stdout: 'one\n',
        stderr: expect.stringContaining('evi: Interrupted: 1 of 2 events came.'),
      })
    },
  )

  test('a pipe that is closed ends it with the next event, exit code 0', async () => {
    const queue = fresh()
    const script = `set -o pipefail; evi tail --socket ${brokerAddress}/${queue} --raw | head -2; echo "\${PIPESTATUS[0]}"`
    const shell = evi.startShell(script)
    await shell.said('stderr', /Watching/)
    let number = 0
    const events = setInterval(() => publish('', queue, `body ${++number}`), 50)
    const { stdout } = await shell.ended
    clearInterval(events)
    expect(stdout).toBe('body 1\nbody 2\n0\n')
  })

  test('wrong words are exit code 64', async () => {
    for (const words of [
      ['--count', '0'],
      ['--timeout', 'x'],
      ['--raw', '--json'],
      ['E X'],
      ['--socket', 'rabbitmq:h'],
    ]) {
      expect(await evi.run(['tail', ...words])).toMatchObject({ code: 64 })
    }
  })
})

test('a watcher that is too slow never fills the broker, and what it lost is reported', async () => {
  const [exchange, published] = [await client.exchange('fanout'), ownQueueLimit + 5000]
  const tail = await watch('--socket', `${brokerAddress}/${exchange}?k`, '--raw')
  tail.send('SIGSTOP')
  for (let number = 1; number <= published; number++) {
    if (!publish(exchange, 'k', `${number}`)) await once(client.channel, 'drain')
  }
  // An answer on the same channel shows that all were handled.
  await client.channel.checkExchange(exchange)
  tail.send('SIGCONT')
  await tail.said('stderr', /are lost: more than 100000 wait for this watcher/)
  await tail.said('stdout', new RegExp(`^${published}$`, 'm'))
  const { stdout } = await tail.kill('SIGINT')
  expect(stdout.split('\n').length).toBeLessThan(published)
})

describe('a connection that carries nothing any more', () => {
  test.each([
    ['a named exchange', async () => `${await client.exchange('fanout')}?k`, []],
    ['a queue that evi stands in for', async () => fresh(), []],
    ['the firehose', async () => `${await client.exchange('fanout')}?k`, ['--firehose']],
    ['a stream', async () => await client.stream(), []],
  ] as const)(
    'is noticed within the reply timeout by a tail of %s, without a heartbeat',
    async (_, route, flags) => {
      const dead = await freezableProxy()
      const socket = `rabbitmq:127.0.0.1:${dead.port}/${await route()}`
      const tail = await watch('--socket', socket, '--reply-timeout', '1000', ...flags)
      dead.freeze()
      const start = performance.now()
      await tail.said('stderr', /was lost: the broker did not answer within 1000 ms\./)
      expect(performance.now() - start).toBeLessThan(10_000)
      await dead.close()
    },
  )

  test('is reported with all the time in which nothing came, not from the notice on', async () => {
    const dead = await freezableProxy()
    const socket = `rabbitmq:127.0.0.1:${dead.port}/${await client.exchange('fanout')}?k`
    const tail = await watch('--socket', socket, '--reply-timeout', '2000')
    dead.freeze()
    const start = performance.now()
    await tail.said('stderr', /was lost: the broker did not answer/)
    const silentMs = performance.now() - start
    await tail.said('stderr', /again; events of the last [\d.]+ s/)
    const [, gap] = /again; events of the last ([\d.]+) s/.exec(tail.stderr) ?? []
    // What was shown is rounded.
    expect(Number(gap) * 1000).toBeGreaterThan(silentMs - 100)
    await dead.close()
  })

  test('is not part of the time in the summary while its end is waited for', async () => {
    const dead = await freezableProxy()
    const socket = `rabbitmq:127.0.0.1:${dead.port}/${await client.exchange('fanout')}?k`
    const tail = await watch('--socket', socket, '--reply-timeout', '8000')
    const start = performance.now()
    dead.freeze()
    tail.send('SIGINT')
    const stopped = performance.now() - start
    const { code, stderr } = await tail.ended
    expect(code).toBe(0)
    const [, seconds] = /Seen in ([\d.]+) s/.exec(stderr) ?? []
    expect(Number(seconds) * 1000).toBeLessThan(stopped + 4000)
    await dead.close()
  })

  test('is noticed while the reader of the output is slow', async () => {
    const [dead, exchange] = [await freezableProxy(), await client.exchange('fanout')]
    const socket = `rabbitmq:127.0.0.1:${dead.port}/${exchange}?k`
    const shell = evi.startShell(`evi tail --socket '${socket}' --raw --reply-timeout 1000 | sleep 100`)
    await shell.said('stderr', /Watching/)
    for (let number = 0; number < 100; number++) publish(exchange, 'k', Buffer.alloc(10_000, 'x'))
    await client.channel.checkExchange(exchange)
    dead.freeze()
    await shell.said('stderr', /did not answer within 1000 ms/)
    await dead.close()
  })

  test('a slow reader, and a process that was stopped, are not taken for one', async () => {
    const exchange = await client.exchange('fanout')
    const socket = `${brokerAddress}/${exchange}?k`
    const script = `evi tail --socket '${socket}' --raw --reply-timeout 500 | { sleep 3; cat; }`
    const shell = evi.startShell(script)
    await shell.said('stderr', /Watching/)
    for (let number = 0; number < 100; number++) publish(exchange, 'k', Buffer.alloc(10_000, 'x'))
    publish(exchange, 'k', 'last one')
    await shell.said('stdout', /last one/)
    shell.send('SIGSTOP')
    // As long as several timeouts.
    await sleep(2000)
    shell.send('SIGCONT')
    publish(exchange, 'k', 'after the stop')
    await shell.said('stdout', /after the stop/)
    expect(shell.stderr).not.toMatch(/lost|answer/)
  })
})

describe('a connection that is lost', () => {
  test('is made again, the gap is reported, and watching goes on', async () => {
    const queue = fresh()
    const way = await proxy()
    const tail = await watch('--socket', `rabbitmq:127.0.0.1:${way.port}/${queue}`, '--raw', '--count', '2')
    publish('', queue, 'before')
    await tail.said('stdout', /before/)
    await way.close()
    await tail.said('stderr', /nothing listens there.*Trying again in/)
    const again = await proxy(way.port)
    await tail.said('stderr', /Watching .* again; events of the last .* s may have been missed/)
    publish('', queue, notification)
    expect(await tail.ended).toMatchObject({ code: 0, stdout: `before\n${notification}\n` })
    await again.close()
  })

  test('ends it when another client has declared the queue in the gap', async () => {
    const queue = fresh()
    const way = await proxy()
    const tail = await watch('--socket', `rabbitmq:127.0.0.1:${way.port}/${queue}`)
    await way.close()
    await tail.said('stderr', /Trying again in/)
    await declareOnceFree(queue)
    const again = await proxy(way.port)
    expect(await tail.ended).toMatchObject({ code: 73 })
    await again.close()
  })
})

/** The broker may take a moment to end the exclusive queue of a lost connection; a refusal ends the channel. */
async function declareOnceFree(queue: string): Promise<void> {
  const declare = async () => {
    const other = await Client.connect()
    other.channel.on('error', () => {})
    try {
      await other.queue(queue)
      return true
    } catch {
      return false
    } finally {
      await other.close()
    }
  }
  await expect.poll(declare).toBe(true)
}
