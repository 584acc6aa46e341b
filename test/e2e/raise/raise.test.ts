import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress, propertiesOf } from '../../helpers/brokers/client.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import vectors from '../../vectors/payloads.json' with { type: 'json' }

interface Report {
  readonly results: readonly { socket: string; status: string; ms: number; reason: string | null }[]
  readonly sent: number
  readonly failed: number
}

useClient()
useEvi()

describe('what is on the wire', () => {
  test.each(vectors)('$argv is published byte for byte, with no properties', async ({ argv, body }) => {
    const queue = await client.queue()
    expect(await evi.run(['raise', ...argv, '--socket', `${brokerAddress}/${queue}`])).toMatchObject({
      code: 0,
      stderr: '',
    })
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => content.toString())).toEqual([body])
    expect(messages.map(propertiesOf)).toEqual([{}])
    expect(messages[0]?.fields).toMatchObject({ exchange: '', routingKey: queue })
  })

  test.each(vectors)(
    '$argv is shown by --dry-run to the byte, and nothing is sent',
    async ({ argv, body }) => {
      const queue = await client.queue()
      const { code, stdout } = await evi.run([
        'raise',
        ...argv,
        '--socket',
        `${brokerAddress}/${queue}`,
        '--dry-run',
      ])
      expect({ code, stdout }).toEqual({ code: 0, stdout: body })
      expect(await client.take(queue)).toEqual([])
    },
  )

  test('properties are sent as asked for, and no others', async () => {
    const queue = await client.queue()
    const words = [
      '--content-type',
      'application/json',
      '--message-id',
      '7',
      '--header',
      'a=b',
      '--header',
      'c=d=e',
    ]
    await evi.run(['raise', 'E_X', ...words, '--socket', `${brokerAddress}/persistent?${queue}`])
    const [message] = await client.take(queue)
    expect(message && propertiesOf(message)).toEqual({
      contentType: 'application/json',
      messageId: '7',
      headers: { a: 'b', c: 'd=e' },
      deliveryMode: 2,
    })
  })

  test('exchange and routing key are those of the socket', async () => {
    const [exchange, queue] = [await client.exchange('direct'), await client.queue()]
    await client.channel.bindQueue(queue, exchange, 'a ż/?b')
    await evi.run(['raise', 'E_X', '--socket', `${brokerAddress}/${exchange}?a ż/%3Fb`])
    expect((await client.take(queue))[0]?.fields).toMatchObject({ exchange, routingKey: 'a ż/?b' })
  })

  test('params come whole from an argument, a file or stdin', async () => {
    const queue = await client.queue()
    const params = '{ "b": 1.0, "10": "x", "2": [1e400, null] }'
    const to = ['--socket', `${brokerAddress}/${queue}`]
    await evi.run(['raise', 'E_X', '--params', params, ...to])
    await evi.run(['raise', 'E_X', '--params', '-', ...to], { input: `${params}\n` })
    await evi.shell(
      `printf '%s' '${params}' > "$EVI_CONFIG_DIR/p"; evi raise E_X --params "@$EVI_CONFIG_DIR/p" ${to.join(' ')}`,
    )
    const body = '{"jsonrpc":"2.0","method":"E_X","params":{"b":1.0,"10":"x","2":[1e400,null]}}'
    expect((await client.take(queue)).map(({ content }) => content.toString())).toEqual([body, body, body])
  })

  test('a big notification is sent whole where the limit allows it', async () => {
    const queue = await client.queue()
    const params = JSON.stringify(['x'.repeat(1_000_000)])
    const words = [
      'raise',
      'E_X',
      '--params',
      '-',
      '--max-message',
      '0',
      '--socket',
      `${brokerAddress}/${queue}`,
    ]
    expect(await evi.run(words, { input: params })).toMatchObject({ code: 0 })
    expect((await client.take(queue))[0]?.content.length).toBeGreaterThan(1_000_000)
  })
})

describe('the subscribers', () => {
  test('each gets the event once and has a result of its own; one that fails stops no other', async () => {
    const [one, two] = [await client.queue(), await client.queue()]
    const missing = `nowhere-${randomUUID()}`
    const sockets = [`/${one}`, `/nothing-${missing}`, `/${missing}?k`, `/${two}`].map(
      (route) => brokerAddress + route,
    )
    sockets.push(`rabbitmq:127.0.0.1:${await closedPort()}/q`)
    for (const socket of sockets) await evi.run(['subscribe', 'E_X', socket])
    await evi.run(['subscribe', 'E_OTHER', `${brokerAddress}/${one}`])
    const { code, stdout, stderr } = await evi.run(['raise', 'E_X', '--json'])
    const { results, sent, failed } = JSON.parse(stdout) as Report
    expect({ code, stderr, sent, failed }).toEqual({ code: 3, stderr: '', sent: 2, failed: 3 })
    expect(results.map(({ status }) => status)).toEqual([
      'sent',
      'unroutable',
      'no-exchange',
      'sent',
      'unreachable',
    ])
    expect(results[0]).toEqual({
      socket: `${printedAddress}/${one}`,
      status: 'sent',
      ms: expect.any(Number),
      reason: null,
      hint: null,
      host: `${testBroker.host}:${testBroker.port}`,
      verified: null,
      resent: false,
      mayHaveArrived: false,
    })
    for (const { reason } of results.slice(1, 3)) expect(reason).toContain(missing)
    expect([await client.take(one), await client.take(two)].map(({ length }) => length)).toEqual([1, 1])
  })

  test('--sync and sync_mode wait for the confirm', async () => {
    const queue = await client.queue()
    const words = ['raise', 'E_X', '--socket', `${brokerAddress}/${queue}`]
    const status = async (flags: string[], environment = {}) => {
      const { stdout } = await evi.run([...words, '--json', ...flags], { environment })
      return (JSON.parse(stdout) as Report).results[0]?.status
    }
    expect(await status(['--sync'])).toBe('confirmed')
    expect(await status([], { EVI_SYNC_MODE: '1' })).toBe('confirmed')
    expect(await status(['--no-sync'], { EVI_SYNC_MODE: '1' })).toBe('sent')
    expect(await status(['--sync', '--socket', `${brokerAddress}/nothing-${randomUUID()}`])).toBe('confirmed')
  })

  test('a socket without a password uses the stored one', async () => {
    const queue = await client.queue()
    await evi.run(['subscribe', 'E_X', `rabbitmq:guest:wrong@${brokerAddress.split('@')[1]}/${queue}`])
    expect(await evi.run(['raise', 'E_Y', '--socket', `${printedAddress}/${queue}`])).toMatchObject({
      code: 77,
    })
    expect(await evi.run(['raise', 'E_Y', '--socket', `${brokerAddress}/${queue}`])).toMatchObject({
      code: 0,
    })
  })

  test('of several hosts the next one is asked where one does not answer', async () => {
    const queue = await client.queue()
    const [, address] = brokerAddress.split('@')
    const socket = `rabbitmq:127.0.0.1:${await closedPort()},${address}/${queue}`
    expect(await evi.run(['raise', 'E_X', '--sync', '--socket', socket])).toMatchObject({ code: 0 })
    expect(await client.take(queue)).toHaveLength(1)
  })
})

describe('bad input', () => {
  test.each([
    [64, []],
    [64, ['']],
    [64, ['E X']],
    [64, ['E_X', '--param', 'noequals']],
    [64, ['E_X', '--param', '=x']],
    [64, ['E_X', '--param', 'a=1', '--param', 'a=2']],
    [64, ['E_X', '--param', 'a=1', '--arg', 'x']],
    [64, ['E_X', '--params', '{}', '--arg', 'x']],
    [64, ['E_X', '--header', 'x']],
    [64, ['E_X', '--message-id', 'x'.repeat(256)]],
    [64, ['E_X', '--nonsense']],
    [64, ['E_X', 'E_Y']],
    [65, ['E_X', '--param', 'a:=tru']],
    [65, ['E_X', '--params', '{"a":1,}']],
    [65, ['E_X', '--params', '"text"']],
    [65, ['E_X', '--params', '{"a":1,"\\u0061":2}']],
    [65, ['E_X', '--param', `a=${'x'.repeat(17_000)}`]],
    [66, ['E_X', '--params', '@/nope']],
    [4, ['E_X']],
    [4, ['-']],
  ])('exit code %i for raise %j, in one sentence and as JSON', async (exit, words) => {
    const plain = await evi.run(['raise', ...words])
    expect(plain).toMatchObject({ code: exit, stdout: '', stderr: expect.stringMatching(/^evi: .*[.:]\n/) })
    expect(plain.stderr).not.toMatch(/\n\s+at /)
    const { code, stdout, stderr } = await evi.run(['raise', '--json', ...words])
    expect({ code, stderr }).toEqual({ code: exit, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: expect.any(String),
        exit,
        message: expect.any(String),
        hint: expect.toBeOneOf([null, expect.any(String)]),
      },
    })
  })

  test.runIf(process.platform === 'linux')(
    'arguments that are no UTF-8 are refused, U+FFFD itself is not',
    async () => {
      const raise = `evi raise E_X --dry-run --param`
      expect(await evi.shell(`${raise} "a=$(printf '\\xff')"`)).toMatchObject({ code: 64, stdout: '' })
      expect(await evi.shell(`${raise} a=\u{FFFD}`)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"a":"\u{FFFD}"'),
      })
    },
  )

  test('params on stdin that are no UTF-8 are refused', async () => {
    expect(await evi.shell(`printf '{"a":"\\xff"}' | evi raise E_X --params -`)).toMatchObject({ code: 65 })
  })
})
