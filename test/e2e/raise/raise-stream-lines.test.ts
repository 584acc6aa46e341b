import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import {
  bodies,
  documents,
  file,
  lines,
  missing,
  notification,
  numbered,
  subscribed,
} from '../../helpers/evi/streams.ts'

useClient()
useEvi()

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

  test('what one subscriber missed is raised again to it alone by --socket, and to all without', async () => {
    const [queue, later] = [await subscribed('E_X'), missing()]
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${later}`])
    await evi.run(['raise', '-', '--failed', file('failed')], { input: lines(notification('E_X')) })
    await client.channel.assertQueue(later)
    const input = readFileSync(file('failed'))
    const there = `${printedAddress}/${later}`
    expect(await evi.run(['raise', '-', '--socket', there], { input })).toMatchObject({ code: 0 })
    expect([await bodies(queue), await bodies(later)]).toEqual([[notification('E_X')], [notification('E_X')]])
    await evi.run(['raise', '-'], { input })
    expect(await bodies(queue)).toEqual([notification('E_X')])
    await client.channel.deleteQueue(later)
  })

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
        deliveries: { sent: 3 * sent, confirmed: 3 * (1 - sent), failed: 2, resent: 0 },
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

  test('what a full queue rejects is sent again to the others of its exchange, which is counted', async () => {
    const [full, takes, exchange] = [missing(), missing(), missing()]
    const limit = { 'x-max-length': 0, 'x-overflow': 'reject-publish' }
    await client.channel.assertExchange(exchange, 'fanout', { durable: false, autoDelete: true })
    await client.channel.assertQueue(full, { durable: false, arguments: limit, expires: 600_000 })
    await client.queue(takes)
    for (const queue of [full, takes]) await client.channel.bindQueue(queue, exchange, '')
    const words = ['raise', '-', '--sync', '--retry-for', '1', '--socket', `${brokerAddress}/${exchange}?k`]
    const { code, stderr } = await evi.run(words, { input: lines(...numbered('E_X', 5)) })
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringMatching(
        /5 failed \(5 rejected\)[\s\S]*! 5 of them sent again, unconfirmed the first/,
      ),
    })
    expect((await bodies(takes)).length).toBeGreaterThan(5)
    await client.channel.deleteQueue(full)
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
