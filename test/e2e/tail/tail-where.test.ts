import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { proxy } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

useClient()
useEvi()

const event = (params: object, method = 'E_X') => JSON.stringify({ jsonrpc: '2.0', method, params })
const publish = (exchange: string, ...bodies: string[]) => {
  for (const body of bodies) client.channel.publish(exchange, 'k', Buffer.from(body))
}

async function watch(exchange: string, ...words: string[]) {
  const running = evi.start(['tail', '--socket', `${brokerAddress}/${exchange}?k`, ...words])
  await running.said('stderr', /Watching/)
  return running
}

describe('--where', () => {
  test('shows the events that match, --count counts them, and the summary says what was skipped', async () => {
    const exchange = await client.exchange('fanout')
    const where = 'event = E_X and (ip in 10.0.0.0/8 or count > 100)'
    const tail = await watch(exchange, '--where', where, '--count', '2', '--raw')
    const wanted = [event({ ip: '10.1.2.3' }), event({ count: '250' })]
    publish(
      exchange,
      event({ ip: '11.1.2.3' }),
      event({ ip: '10.1.2.3' }, 'E_Y'),
      'no event',
      '{"jsonrpc":"2.0","method":"E_X"}',
      wanted[0] as string,
      event({ count: 'many' }),
      wanted[1] as string,
      wanted[1] as string,
    )
    const { code, stdout, stderr } = await tail.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${wanted.join('\n')}\n` })
    expect(stderr).toMatch(/^Seen in [\d.]+ s: 7 events, 2 shown, 5 skipped by --where\.$/m)
  })

  test('with --timeout ends with 124 when fewer than --count match', async () => {
    const exchange = await client.exchange('fanout')
    const tail = await watch(exchange, '--where', 'ip = 1', '--count', '1', '--timeout', '1')
    publish(exchange, event({ ip: 2 }))
    expect(await tail.ended).toMatchObject({
      code: 124,
      stdout: '',
      stderr: expect.stringMatching(/: 1 event, 0 shown, 1 skipped by --where\.\nevi: 0 of 1 events came/),
    })
  })

  test('selects among the messages that --peek looks at', async () => {
    const queue = await client.queue()
    for (const ip of ['10.0.0.1', '11.0.0.1']) client.channel.sendToQueue(queue, Buffer.from(event({ ip })))
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(2)
    const socket = `${brokerAddress}/${queue}`
    const words = ['tail', '--socket', socket, '--peek', '--raw', '--where', 'ip in 10.0.0.0/8']
    expect(await evi.run(words)).toMatchObject({ code: 0, stdout: `${event({ ip: '10.0.0.1' })}\n` })
    expect(await client.take(queue)).toHaveLength(2)
  })

  test('that cannot be read is 64 with a caret, before any connection', async () => {
    const { code, stderr } = await evi.run([
      'tail',
      '-s',
      'rabbitmq:127.0.0.1:1/q',
      '--where',
      'ip in 10.0.0.0/33',
    ])
    expect(code).toBe(64)
    expect(stderr).toContain('  ip in 10.0.0.0/33\n        ^\n')
  })
})

describe('of several sockets', () => {
  test('the text says where an event came from, and the summary counts for each', async () => {
    const [one, other] = [await client.exchange('fanout'), await client.exchange('fanout')]
    const words = [one, other].flatMap((exchange) => ['--socket', `${brokerAddress}/${exchange}?k`])
    const tail = evi.start(['tail', ...words, '--count', '2'])
    await tail.said('stderr', /Watching.*\nWatching/)
    publish(one, event({ n: 1 }))
    await tail.said('stdout', /n:=1/)
    publish(other, event({ n: 1 }))
    const { code, stdout, stderr } = await tail.ended
    const width = Math.max(one.length, other.length) + 2
    const lines = [one, other].map((exchange) => `${`${exchange}?k`.padEnd(width)}  E_X  n:=1`)
    expect(code).toBe(0)
    expect(stdout.replaceAll(/^[\d:.]{12} {2}/gm, '')).toBe(`${lines.join('\n')}\n`)
    for (const exchange of [one, other])
      expect(stderr.replaceAll(/ +/g, ' ')).toContain(` ${exchange}?k 1 event\n`)
  })

  test('one that is given and subscribed counts once, and has no column', async () => {
    const exchange = await client.exchange('fanout')
    const socket = `${brokerAddress}/${exchange}?k`
    await evi.run(['subscribe', 'E_X', socket])
    const tail = evi.start(['tail', 'E_X', '--socket', socket, '--count', '1'])
    await tail.said('stderr', /Watching/)
    publish(exchange, event({}))
    const { stdout, stderr } = await tail.ended
    expect(stdout).toMatch(/^[\d:.]{12} {2}E_X\n$/)
    expect(stderr).toMatch(/: 1 event\.\n$/)
  })

  test('--json names the socket of each event', async () => {
    const [one, other] = [await client.exchange('fanout'), await client.exchange('fanout')]
    const words = [one, other].flatMap((exchange) => ['--socket', `${brokerAddress}/${exchange}?k`])
    const tail = evi.start(['tail', ...words, '--count', '2', '--json'])
    await tail.said('stderr', /Watching.*\nWatching/)
    publish(one, event({}))
    publish(other, event({}))
    const sockets = (await tail.ended).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).socket)
    expect(sockets.sort()).toEqual([one, other].map((exchange) => `${printedAddress}/${exchange}?k`).sort())
  })
})

test('a connection that is lost is counted in the summary', async () => {
  const queue = `stand-in-${randomUUID()}`
  const way = await proxy()
  const tail = evi.start(['tail', '--socket', `rabbitmq:127.0.0.1:${way.port}/${queue}`, '--count', '1'])
  await tail.said('stderr', /Watching/)
  await way.close()
  await tail.said('stderr', /Trying again in/)
  const again = await proxy(way.port)
  await tail.said('stderr', /Watching .* again/)
  client.channel.sendToQueue(queue, Buffer.from(event({})))
  expect((await tail.ended).stderr).toMatch(/: 1 event, watching interrupted once\.\n$/)
  await again.close()
})

test('a tail that ends while its connection is lost says so in the summary', async () => {
  const way = await proxy()
  const socket = `rabbitmq:127.0.0.1:${way.port}/stand-in-${randomUUID()}`
  const tail = evi.start(['tail', '--socket', socket, '--timeout', '3s'])
  await tail.said('stderr', /Watching/)
  await way.close()
  expect((await tail.ended).stderr).toMatch(
    /: no events, watching interrupted once, not watched at the end\.\n$/,
  )
})

describe('--format', () => {
  test('writes a line for each event', async () => {
    const exchange = await client.exchange('fanout')
    const tail = await watch(exchange, '--format', '{event} {param.ip} via {exchange}', '--count', '2')
    publish(exchange, event({ ip: '10.1.2.3' }), event({}))
    expect((await tail.ended).stdout).toBe(`E_X 10.1.2.3 via ${exchange}\nE_X  via ${exchange}\n`)
  })

  test('that is torn is 64 with a caret, before any connection', async () => {
    const { code, stderr } = await evi.run(['tail', '-s', 'rabbitmq:127.0.0.1:1/q', '--format', '{event'])
    expect(code).toBe(64)
    expect(stderr).toContain('  {event\n  ^\n')
  })
})
