import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { closingProxy } from '../../helpers/brokers/servers.ts'
import { client, evi, useClientPerTest, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()
useClientPerTest()

const failedFile = () => join(evi.configDirectory, 'failed')
const notification = (number: number) => `{"jsonrpc":"2.0","method":"E_X","params":{"n":${number}}}`
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${notification(from + index)}\n`).join('')
const summaryOf = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1) as string).summary
const numberOf = (body: string) => JSON.parse(body).params.n as number

async function fullQueue(): Promise<string> {
  const queue = `q-${randomUUID()}`
  const full = { 'x-max-length': 1, 'x-overflow': 'reject-publish' }
  await client.channel.assertQueue(queue, { durable: false, arguments: full, expires: 600_000 })
  await evi.run(['raise', 'E_FIRST', '-s', `${brokerAddress}/${queue}`])
  return `${brokerAddress}/${queue}`
}

describe('a queue that rejects what is above its length', () => {
  test('fails an asynchronous raise with 75', async () => {
    const { code, stdout } = await evi.run(['raise', 'E_X', '--no-sync', '--json', '-s', await fullQueue()])
    expect({ code, report: JSON.parse(stdout) }).toMatchObject({
      code: 75,
      report: { results: [{ status: 'rejected' }], delivered: 0, failed: 1, sent: 0, rejected: 1 },
    })
  })

  test('fails each line of an asynchronous stream, at once', async () => {
    const words = ['raise', '-', '--no-sync', '--failed', failedFile(), '-s', await fullQueue()]
    const { code, stderr } = await evi.run(words, { input: numbered(0, 10) })
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringMatching(/✖ 10 read, 0 sent, 10 failed \(10 rejected\)/),
    })
    expect(readFileSync(failedFile(), 'utf8')).toBe(numbered(0, 10))
  })
})

describe('a summary says no more than the broker', () => {
  test.each([
    ['--no-sync', '10 read, 10 sent, 0 failed', { sent: 10, confirmed: 0, delivered: 0 }],
    ['--sync', '10 read, 10 confirmed, 0 failed', { sent: 0, confirmed: 10, delivered: 10 }],
  ])('%s: %s', async (mode, text, counts) => {
    const words = ['raise', '-', mode, '-s', `${brokerAddress}/${await client.queue()}`]
    const { code, stderr } = await evi.run(words, { input: numbered(0, 10) })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`✔ ${text}`) })
    const { stdout } = await evi.run([...words, '--json'], { input: numbered(0, 10) })
    expect(summaryOf(stdout)).toMatchObject({ read: 10, failed: 0, ...counts })
  })
})

test.each(['--sync', '--no-sync'])(
  '%s: a poison message fails alone, and each message that is sent twice is counted',
  async (mode) => {
    const queue = await client.queue()
    const seen = await client.work(queue, { prefetch: 1000 })
    const poison = `{"message":${notification(500)},"properties":{"headers":{"CC":"no list"}}}\n`
    const input = `${numbered(0, 500)}${poison}${numbered(501, 1000)}`
    const words = ['raise', '-', mode, '--json', '--failed', failedFile(), '-s', `${brokerAddress}/${queue}`]
    const { code, stdout } = await evi.run(words, { input })
    const summary = summaryOf(stdout)
    expect({ code, summary }).toMatchObject({ code: 3, summary: { read: 1000, failed: 1, rejected: 1 } })
    expect(summary.sent + summary.confirmed).toBe(999)
    expect(summary.ms).toBeLessThan(10_000)
    expect(readFileSync(failedFile(), 'utf8')).toBe(poison)
    await expect.poll(() => new Set(seen.map(numberOf)).size).toBe(999)
    expect(seen.length - 999).toBeLessThanOrEqual(summary.resent)
  },
)

describe('a returned message that may be delayed', () => {
  test.each([
    ['--no-sync', 0],
    ['--sync', 75],
  ])('%s: is sent, of unknown outcome, and not kept to be raised again', async (mode, code) => {
    const socket = `${brokerAddress}/${await client.exchange('topic')}?k`
    const single = await evi.run(['raise', 'E_X', mode, '--header', 'x-delay=2000', '--json', '-s', socket])
    expect({ code: single.code, report: JSON.parse(single.stdout) }).toMatchObject({
      code,
      report: { results: [{ status: 'sent', mayHaveArrived: true }], failed: 0, sent: 1, unknown: 1 },
    })
    const words = ['raise', '-', mode, '--header', 'x-delay=2000', '--failed', failedFile(), '-s', socket]
    const stream = await evi.run(words, { input: numbered(0, 2) })
    expect({ code: stream.code, stderr: stream.stderr }).toEqual({
      code,
      stderr: expect.stringMatching(
        /! line 1: .*sent\n.*x-delayed-message.*\n(?:.*\n)*.*2 sent, 0 failed \(2 unknown\)/,
      ),
    })
    expect(existsSync(failedFile()) ? readFileSync(failedFile(), 'utf8') : '').toBe('')
  })

  test('is not green where --verify asks for a proof', async () => {
    const socket = `${brokerAddress}/${await client.exchange('topic')}?k`
    const words = ['raise', 'E_X', '--verify', '--header', 'x-delay=2000', '--json', '-s', socket]
    const { code, stdout } = await evi.run(words)
    expect({ code, report: JSON.parse(stdout) }).toMatchObject({
      code: 75,
      report: { results: [{ status: 'sent', verified: null }], unknown: 1 },
    })
  })

  test('is unroutable on an exchange that delays nothing', async () => {
    const words = [
      'raise',
      'E_X',
      '--header',
      'x-delay=2000',
      '-s',
      `${brokerAddress}/amq.topic?${randomUUID()}`,
    ]
    expect(await evi.run(words)).toMatchObject({ code: 5 })
  })
})

test.each(['confirmSelect', 'openConnection'] as const)(
  'a connection that the broker closes right behind %s is opened again, and no line is given up',
  async (answer) => {
    const queue = await client.queue()
    const seen = await client.work(queue, { prefetch: 1000 })
    const way = await closingProxy(answer, 2)
    const words = ['raise', '-', '--sync', '--json', '-s', `rabbitmq:127.0.0.1:${way.port}/${queue}`]
    const { code, stdout } = await evi.run(words, { input: numbered(0, 2000) })
    expect({ code, summary: summaryOf(stdout), closings: way.count() }).toMatchObject({
      code: 0,
      summary: { read: 2000, confirmed: 2000, failed: 0 },
      closings: 2,
    })
    await expect.poll(() => new Set(seen.map(numberOf)).size).toBe(2000)
    await way.close()
  },
)

test('a full disk under --failed gives the summary the exit code of the command', async () => {
  const words = ['raise', '-', '--json', '--failed', '/dev/full', '-s', `${brokerAddress}/${randomUUID()}`]
  const { code, stdout } = await evi.run(words, { input: numbered(0, 10) })
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  const summary = documents.find((document) => document.summary)?.summary
  expect({ code, exit: summary?.exit, error: documents.at(-1).error?.exit }).toEqual({
    code: 74,
    exit: 74,
    error: 74,
  })
  expect(documents.at(-1).error.hint).toContain('in no file')
})
