import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { bodyOf, brokerAddress, printedAddress, propertiesOf } from '../../helpers/brokers/client.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

useClient()
useEvi()

const notification = (event: string, params = '') => `{"jsonrpc":"2.0","method":"${event}"${params}}`
const numbered = (event: string, count: number) =>
  Array.from({ length: count }, (_, index) => notification(event, `,"params":{"n":${index}}`))
const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join('')
const missing = () => `nowhere-${randomUUID()}`
const file = (name: string) => join(evi.configDirectory, name)
const bodies = async (queue: string) => (await client.take(queue)).map(bodyOf)

/** A queue that is subscribed to the event. */
async function subscribed(event: string): Promise<string> {
  const queue = await client.queue()
  await evi.run(['subscribe', event, `${brokerAddress}/${queue}`])
  return queue
}

/** The documents of `--json`. */
const documents = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('what is published', () => {
  test('a notification goes out byte for byte, with no property at all', async () => {
    const queue = await subscribed('E_X')
    const texts = [
      notification('E_X'),
      ' { "method" : "E_X", "jsonrpc" : "2.0", "params" : { "n" : 1.0, "2" : 12345678901234567890, "é" : "\\u00e9" } } ',
      '{"jsonrpc":"2.0","method":"E_X","params":["ü","\\"","🛰"],"more":true}',
    ]
    expect(await evi.run(['raise', '-', '--sync'], { input: lines(...texts) })).toMatchObject({ code: 0 })
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => content.toString())).toEqual(texts)
    expect(messages.map(propertiesOf)).toEqual([{}, {}, {}])
  })

  test.each([
    ['a byte order mark', `\ufeff${notification('E_X')}\n`],
    ['CRLF', `${notification('E_X')}\r\n`],
    ['no line end at the end', notification('E_X')],
    ['empty lines', `\n  \n${notification('E_X')}\n\r\n`],
  ])('%s is no part of it', async (_, input) => {
    const queue = await subscribed('E_X')
    const { code, stderr } = await evi.run(['raise', '-'], { input })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^✔ 1 read, 1 sent, 0 failed/),
    })
    expect(await bodies(queue)).toEqual([notification('E_X')])
  })

  test('--batch makes an event of each line of params', async () => {
    const queue = await subscribed('E_X')
    writeFileSync(file('params'), lines('{"b":1.0, "1":"x y"}', '["a",2]', '{}'))
    expect(await evi.run(['raise', 'E_X', '--batch', file('params')])).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_X', '--batch', '-'], { input: '{"z":null}' })).toMatchObject({
      code: 0,
    })
    expect(await bodies(queue)).toEqual([
      notification('E_X', ',"params":{"b":1.0,"1":"x y"}'),
      notification('E_X', ',"params":["a",2]'),
      notification('E_X'),
      notification('E_X', ',"params":{"z":null}'),
    ])
  })

  test('what tail --json recorded is raised again, with the properties that a raise can give', async () => {
    const exchange = await client.exchange('direct')
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${exchange}?x`])
    const tail = evi.start(['tail', '--json', '--count', '2'])
    await tail.said('stderr', /Watching/)
    const body = '{"jsonrpc":"2.0","method":"E_X","params":{"n":1.0,"message":{"a":1}}}'
    client.channel.publish(exchange, 'x', Buffer.from(body))
    client.channel.publish(exchange, 'x', Buffer.from(body), {
      contentType: 'application/json',
      headers: { trace: 'abc', deep: { n: 1 }, message: { x: 1 } },
    })
    const recorded = (await tail.ended).stdout
    const queue = await client.queue()
    await client.channel.bindQueue(queue, exchange, 'x')
    expect(await evi.run(['raise', '-', '--sync'], { input: recorded })).toMatchObject({ code: 0 })
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => content.toString())).toEqual([body, body])
    expect(messages.map(propertiesOf)).toEqual([
      {},
      { contentType: 'application/json', headers: { trace: 'abc', deep: { n: 1 }, message: { x: 1 } } },
    ])
  })

  test('what tail --raw recorded is raised again', async () => {
    const queue = await subscribed('E_X')
    const recorded = lines(...numbered('E_X', 3))
    expect(await evi.run(['raise', '-'], { input: recorded })).toMatchObject({ code: 0 })
    expect(lines(...(await bodies(queue)))).toBe(recorded)
  })

  test('one that is larger than a frame arrives whole', async () => {
    const queue = await subscribed('E_X')
    const text = notification('E_X', `,"params":["${'x'.repeat(300_000)}"]`)
    const { code } = await evi.run(['raise', '-', '--sync', '--max-message', '0'], {
      input: lines(text, text),
    })
    expect(code).toBe(0)
    expect(await bodies(queue)).toEqual([text, text])
  })

  test('a line is sent as it arrives, while the next one is waited for', async () => {
    const queue = await subscribed('E_X')
    const seen = await client.work(queue)
    const stream = evi.start(['raise', '-'], { open: true })
    for (const text of numbered('E_X', 3)) {
      stream.write(`${text}\n`)
      await expect.poll(() => seen.at(-1)).toBe(text)
    }
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0 })
  })

  test('each event goes to its own subscribers, thousands of them in order', async () => {
    const [first, second] = [await subscribed('E_A'), await subscribed('E_B')]
    const a = numbered('E_A', 5000)
    const input = lines(...a.flatMap((text) => [text, notification('E_B')]))
    for (const mode of ['--sync', '--no-sync']) {
      expect(await evi.run(['raise', '-', mode, '--window', '50'], { input })).toMatchObject({ code: 0 })
      expect(await bodies(first)).toEqual(a)
      expect((await client.take(second)).length).toBe(5000)
    }
  })

  test('who subscribes while the stream runs gets what comes then', async () => {
    const early = await subscribed('E_X')
    const stream = evi.start(['raise', '-'], { open: true })
    stream.write(`${notification('E_X')}\n`)
    await expect.poll(() => bodies(early)).toHaveLength(1)
    const late = await subscribed('E_X')
    const raised = async () => {
      stream.write(`${notification('E_X')}\n`)
      return (await bodies(late)).length
    }
    await expect.poll(raised).toBeGreaterThan(0)
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0 })
  })
})

describe('lines that fail', () => {
  const bad = {
    'not json': /line 2: Not JSON/,
    '{"jsonrpc":"2.0","method":"E_X"': /line 2: Not JSON/,
    '[1]': /line 2: Neither a notification/,
    '"E_X"': /line 2: Neither a notification/,
    '{"jsonrpc":"1.0","method":"E_X"}': /line 2: Neither a notification/,
    '{"jsonrpc":"2.0","method":7}': /line 2: Neither a notification/,
    '{"jsonrpc":"2.0","method":"E X"}': /line 2: The event name "E X" has a blank/,
    '{"time":"2026-11-23T12:00:00Z","socket":"x","body":"text"}':
      /line 2: The message that was recorded is no/,
    [notification('E_X', `,"params":["${'x'.repeat(20_000)}"]`)]:
      /line 2: The notification has 200\d\d bytes/,
    [notification('E_NOBODY')]: /line 2: E_NOBODY has no subscriber/,
    '{"jsonrpc":"2.0","method":"E_X","params":["\u0000"]}': /line 2: Not JSON/,
  }
  test.each(Object.entries(bad))(
    '%#: %.40j is reported with its number, the others go on',
    async (line, words) => {
      const queue = await subscribed('E_X')
      const input = lines(notification('E_X'), line, notification('E_X'))
      const { code, stderr } = await evi.run(['raise', '-', '--failed', file('failed')], { input })
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(words) })
      expect(stderr).toMatch(/✖ 3 read, 2 sent, 1 failed/)
      expect(readFileSync(file('failed'), 'utf8')).toBe(`${line}\n`)
      expect(await bodies(queue)).toHaveLength(2)
    },
  )

  test('broken UTF-8 is reported, and kept as it was', async () => {
    await subscribed('E_X')
    const line = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","method":"E_X","params":["'),
      Buffer.from([0xff, 0xfe]),
    ])
    const { code, stderr } = await evi.run(['raise', '-', '--failed', file('failed')], { input: line })
    expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringMatching(/line 1: Not valid UTF-8/) })
    expect(readFileSync(file('failed'))).toEqual(Buffer.concat([line, Buffer.from('\n')]))
  })

  test('a line that is too long is kept in its place, and not in memory', async () => {
    const queue = await subscribed('E_X')
    const long = 'x'.repeat(9_000_000)
    const input = lines(notification('E_X'), long, notification('E_X'))
    const { code, stderr } = await evi.run(['raise', '-', '--failed', file('failed')], { input })
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/line 2: Longer than/) })
    expect(readFileSync(file('failed'), 'utf8')).toBe(`${long}\n`)
    expect(await bodies(queue)).toHaveLength(2)
  })

  test('the unroutable ones are known by line, of one subscriber or of several', async () => {
    const queue = await subscribed('E_GOOD')
    const [nowhere, alsoGood] = [missing(), await client.queue()]
    for (const key of [nowhere, alsoGood]) await evi.run(['subscribe', 'E_HALF', `${brokerAddress}/${key}`])
    const input = lines(
      notification('E_HALF'),
      notification('E_GOOD'),
      notification('E_HALF', ',"params":[1]'),
    )
    for (const mode of ['--sync', '--no-sync']) {
      const { code, stdout } = await evi.run(['raise', '-', '--json', mode], { input })
      const sent = mode === '--sync' ? 0 : 1
      const counts = {
        read: 3,
        delivered: 1 - sent,
        failed: 2,
        sent,
        confirmed: 1 - sent,
        returned: 2,
        rejected: 0,
        unknown: 0,
        resent: 0,
      }
      const unroutable = {
        event: 'E_HALF',
        results: [
          {
            socket: `${printedAddress}/${nowhere}`,
            status: 'unroutable',
            reason: expect.stringContaining(nowhere),
            hint: expect.any(String),
            mayHaveArrived: false,
          },
        ],
      }
      expect({ code, documents: documents(stdout) }).toEqual({
        code: 3,
        documents: [
          { line: 1, ...unroutable },
          { line: 3, ...unroutable },
          { summary: { ...counts, ms: expect.any(Number), exit: 3 } },
        ],
      })
      expect(await bodies(queue)).toHaveLength(1)
      expect(await bodies(alsoGood)).toHaveLength(2)
    }
  })

  test('a queue that goes while the stream runs: each line is reported as what became of it', async () => {
    const queue = await subscribed('E_X')
    const stream = evi.start(['raise', '-', '--sync', '--json'], { open: true })
    stream.write(`${notification('E_X')}\n`)
    await expect.poll(() => client.channel.checkQueue(queue)).toMatchObject({ messageCount: 1 })
    await client.channel.deleteQueue(queue)
    stream.write(lines(notification('E_X'), notification('E_X')))
    await stream.said('stdout', /"line":3/)
    await client.queue(queue)
    stream.write(`${notification('E_X')}\n`)
    stream.endInput()
    const { code, stdout } = await stream.ended
    expect({ code, lines: documents(stdout).map(({ line }) => line) }).toEqual({
      code: 3,
      lines: [2, 3, undefined],
    })
    expect(await bodies(queue)).toHaveLength(1)
  })

  test('an exchange that is not there fails its own lines only, however many', async () => {
    const queue = await subscribed('E_GOOD')
    await evi.run(['subscribe', 'E_BAD', `${brokerAddress}/${missing()}?x`])
    const input = lines(...numbered('E_BAD', 3000).flatMap((text) => [text, notification('E_GOOD')]))
    const { code, stdout } = await evi.run(['raise', '-', '--sync', '--json'], { input })
    const failed = documents(stdout)
    expect(failed.pop()).toMatchObject({ summary: { read: 6000, confirmed: 3000, failed: 3000 } })
    expect(code).toBe(3)
    expect(new Set(failed.map(({ results }) => results[0].status))).toEqual(new Set(['no-exchange']))
    expect((await client.take(queue)).length).toBe(3000)
  })

  test('many that fail alike are reported together', async () => {
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${missing()}`])
    const { code, stderr } = await evi.run(['raise', '-'], { input: lines(...numbered('E_X', 4000)) })
    expect(code).toBe(5)
    expect(stderr).toMatch(/line 1: .*unroutable/)
    expect(stderr).toMatch(/lines? .*\d+: .*unroutable/)
    expect(stderr.split('\n').length).toBeLessThan(20)
  })

  test('a full queue that rejects fails the lines that it rejects, once --retry-for is over', async () => {
    const queue = `q-${randomUUID()}`
    const full = { 'x-max-length': 2, 'x-overflow': 'reject-publish' }
    await client.channel.assertQueue(queue, { durable: false, arguments: full, expires: 600_000 })
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${queue}`])
    const words = ['raise', '-', '--sync', '--json', '--window', '1', '--retry-for', '0']
    const { code, stdout } = await evi.run(words, { input: lines(...numbered('E_X', 5)) })
    expect({ code, lines: documents(stdout).map(({ line }) => line) }).toEqual({
      code: 3,
      lines: [3, 4, 5, undefined],
    })
    await client.channel.deleteQueue(queue)
  })

  test('--failed is added to, and can be raised again', async () => {
    const queue = missing()
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${queue}`])
    writeFileSync(file('failed'), `${notification('E_X', ',"params":[0]')}\n`)
    const words = ['raise', '-', '--failed', file('failed')]
    expect(await evi.run(words, { input: notification('E_X') })).toMatchObject({ code: 5 })
    await client.queue(queue)
    expect(await evi.run(['raise', '-'], { input: readFileSync(file('failed')) })).toMatchObject({ code: 0 })
    expect(await bodies(queue)).toEqual([notification('E_X', ',"params":[0]'), notification('E_X')])
  })

  test('--strict sends what came before the first bad line, and counts what was read behind it', async () => {
    const queue = await subscribed('E_X')
    const input = lines(notification('E_X'), 'bad', notification('E_X'), '', 'worse')
    const { code, stderr } = await evi.run(['raise', '-', '--strict'], { input })
    expect({ code, stderr }).toEqual({
      code: 65,
      stderr: expect.stringMatching(
        /line 3: Not sent, [\s\S]*line 5: skipped[\s\S]*4 read, 1 sent, 3 failed/,
      ),
    })
    expect(await bodies(queue)).toHaveLength(1)
  })

  test.each(['a pipe', 'a file'])(
    '--strict keeps what %s has behind the bad line in --failed',
    async (kind) => {
      const queue = await subscribed('E_X')
      const numbered = Array.from({ length: 5000 }, (_, n) => notification('E_X', `,"params":[${n}]`))
      numbered[2500] = 'bad'
      writeFileSync(file('input'), lines(...numbered))
      const source = kind === 'a pipe' ? `cat ${file('input')} | ${evi.command}` : evi.command
      const words = `raise - --strict --json --failed ${file('failed')}`
      const shell = kind === 'a pipe' ? `${source} ${words}` : `${source} ${words} < ${file('input')}`
      const { stdout } = await evi.shell(shell)
      const { summary } = JSON.parse(String(stdout.trim().split('\n').at(-1)))
      const kept = readFileSync(file('failed'), 'utf8').trim().split('\n')
      expect(summary).toMatchObject({ sent: 2500, failed: kept.length, read: 2500 + kept.length, exit: 65 })
      expect(kept).toEqual(numbered.slice(2500, 2500 + kept.length))
      expect(await bodies(queue)).toEqual(numbered.slice(0, 2500))
    },
  )
})

describe('how a stream ends', () => {
  const subscribe = (key: string) => evi.run(['subscribe', 'E_X', key])
  const one = notification('E_X')

  test.each([
    ['no line at all', '', 0],
    ['bad lines only', 'x\ny\n', 65],
    ['lines without a subscriber only', notification('E_OTHER'), 4],
  ])('%s', async (_, input, code) => {
    await subscribed('E_X')
    expect(await evi.run(['raise', '-'], { input })).toMatchObject({ code })
  })

  test('a stream without a subscriber is refused before anything is read', async () => {
    expect(await evi.run(['raise', '-'], { input: one })).toMatchObject({ code: 4 })
    await subscribed('E_X')
    expect(await evi.run(['raise', 'E_OTHER', '--batch', '-'], { input: '{}' })).toMatchObject({ code: 4 })
  })

  test('a broker that is not there, a refused login, a missing exchange: the code of each', async () => {
    await subscribe(`rabbitmq:127.0.0.1:${await closedPort()}/q`)
    expect(await evi.run(['raise', '-'], { input: lines(one, one) })).toMatchObject({ code: 69 })
    expect(
      await evi.run(['raise', '-', '-s', `${brokerAddress.replace(':guest@', ':wrong@')}/q`], { input: one }),
    ).toMatchObject({
      code: 77,
    })
    expect(
      await evi.run(['raise', '-', '-s', `${brokerAddress}/${missing()}?x`], { input: one }),
    ).toMatchObject({ code: 76 })
  })

  test.each([
    ['--param with a stream', ['raise', '-', '--param', 'a=1']],
    ['--batch with -', ['raise', '-', '--batch', 'f']],
    ['--batch and --param', ['raise', 'E_X', '--batch', 'f', '--param', 'a=1']],
    ['--dry-run with a stream', ['raise', '-', '--dry-run']],
    ['--verify with a stream', ['raise', '-', '--verify']],
    ['--failed without a stream', ['raise', 'E_X', '--failed', 'f']],
    ['--strict without a stream', ['raise', 'E_X', '--strict']],
    ['--window 0', ['raise', '-', '--window', '0']],
    ['--rate -1', ['raise', '-', '--rate', '0']],
    ['--rate and --speed', ['raise', '-', '--rate', '1', '--speed', '1']],
    ['stdin for two', ['raise', '-', '-s', 'rabbitmq:h/q', '--password-file', '-']],
  ])('%s is wrong usage', async (_, words) => {
    await subscribed('E_X')
    expect(await evi.run(words)).toMatchObject({ code: 64 })
  })

  test('a file that cannot be read, one that cannot be written, and the input as --failed', async () => {
    await subscribed('E_X')
    expect(await evi.run(['raise', 'E_X', '--batch', '/nowhere/f'])).toMatchObject({ code: 66 })
    expect(await evi.run(['raise', 'E_X', '--batch', '/tmp'])).toMatchObject({ code: 66 })
    expect(await evi.run(['raise', '-', '--failed', '/nowhere/f'])).toMatchObject({ code: 74 })
    writeFileSync(file('f'), '{}\n')
    expect(await evi.run(['raise', 'E_X', '--batch', file('f'), '--failed', file('f')])).toMatchObject({
      code: 64,
    })
    expect(await evi.shell(`evi raise - --failed ${file('f')} < ${file('f')}`)).toMatchObject({ code: 64 })
  })

  test('a full disk under --failed ends it, and says so', async () => {
    const queue = await subscribed('E_X')
    const stream = evi.start(['raise', '-', '--failed', '/dev/full'], { open: true })
    stream.write(lines(one))
    await expect.poll(() => bodies(queue)).toHaveLength(1)
    stream.write(lines('bad', ...numbered('E_X', 3)))
    const { code, stderr } = await stream.ended
    expect({ code, stderr }).toEqual({ code: 74, stderr: expect.stringMatching(/\/dev\/full.*ENOSPC/) })
    expect(stderr).toMatch(/line 2: /)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: what is in flight is finished, the rest is kept',
    async (signal) => {
      const queue = await subscribed('E_X')
      const texts = numbered('E_X', 4)
      const stream = evi.start(['raise', '-', '--sync', '--rate', '0.001', '--failed', file('failed')], {
        open: true,
        input: lines(...texts),
      })
      await expect.poll(() => client.channel.checkQueue(queue)).toMatchObject({ messageCount: 1 })
      stream.send(signal)
      const { code, stderr } = await stream.ended
      expect({ code, stderr }).toEqual({
        code: 130,
        stderr: expect.stringMatching(/4 read, 1 confirmed, 3 failed/),
      })
      expect(readFileSync(file('failed'), 'utf8')).toBe(lines(...texts.slice(1)))
      expect(await bodies(queue)).toEqual([texts[0]])
    },
  )

  describe('a pipe with a name', () => {
    test('is waited for until a program writes to it, and read to its end', async () => {
      const queue = await subscribed('E_X')
      const { code } = await evi.shell(
        `mkfifo ${file('pipe')}; { sleep 0.2; echo '{"n":1}'; sleep 0.2; echo '[2]'; } > ${file('pipe')} &
        evi raise E_X --batch ${file('pipe')}`,
      )
      expect({ code, bodies: await bodies(queue) }).toEqual({
        code: 0,
        bodies: [
          '{"jsonrpc":"2.0","method":"E_X","params":{"n":1}}',
          '{"jsonrpc":"2.0","method":"E_X","params":[2]}',
        ],
      })
    })

    test.each([
      ['--batch', ''],
      ['--params', '@'],
    ])('without a writer does not keep Ctrl-C waiting: %s', async (flag, prefix) => {
      await subscribed('E_X')
      await evi.shell(`mkfifo ${file('pipe')}`)
      const raise = evi.start(['raise', 'E_X', flag, `${prefix}${file('pipe')}`])
      await expect.poll(() => raise.handles('SIGINT')).toBe(true)
      await setTimeout(500)
      expect(await raise.kill('SIGINT')).toMatchObject({ code: 130 })
    })
  })

  test('a reader of the output that leaves ends nothing; every line is still seen to its end', async () => {
    const queue = await subscribed('E_X')
    await evi.run(['subscribe', 'E_BAD', `${brokerAddress}/${missing()}`])
    writeFileSync(file('f'), lines(...numbered('E_X', 5000).flatMap((text) => [notification('E_BAD'), text])))
    const script = `evi raise - --json < ${file('f')} | head -1; echo "\${PIPESTATUS[0]}" >&2`
    const { stdout, stderr } = await evi.shell(script)
    expect(documents(stdout)).toMatchObject([{ line: 1 }])
    expect(stderr).toBe('3\n')
    expect((await client.take(queue)).length).toBe(5000)
  })

  test('a full disk under stdout is reported', async () => {
    await subscribed('E_X')
    expect(await evi.shell(`printf 'bad\n${one}\n' | evi raise - --json > /dev/full`)).toMatchObject({
      code: 74,
    })
  })

  test('a producer that dies leaves a torn line, which is reported', async () => {
    const queue = await subscribed('E_X')
    const { stderr } = await evi.shell(
      `(echo '${one}'; printf '${one.slice(0, 9)}'; kill -9 $BASHPID) | evi raise -`,
    )
    expect(stderr).toMatch(/line 2: Not JSON/)
    expect(await bodies(queue)).toEqual([one])
  })
})

test('on a terminal the progress is shown, and gone at the end', async () => {
  const queue = await subscribed('E_X')
  writeFileSync(file('f'), lines(...Array.from({ length: 6 }, () => '{}')))
  await using terminal = new Terminal(evi, ['raise', 'E_X', '--batch', file('f'), '--rate', '4'])
  await terminal.shows(/\d sent, \d+\/s/)
  await terminal.shows(/6 read, 6 sent, 0 failed/)
  expect(await terminal.ended()).toBe(0)
  expect(await bodies(queue)).toHaveLength(6)
})
