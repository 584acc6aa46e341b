import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bodyOf, brokerAddress, propertiesOf } from '../../helpers/brokers/client.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

useClient()
useEvi()

const paramsIn = async (queue: string) =>
  (await client.take(queue)).map((message) => JSON.parse(bodyOf(message)).params)

const summaryOf = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').summary

describe('evi raise --count', () => {
  test('raises the event so many times, in order, each with its own values', async () => {
    const queue = await client.queue()
    const values = [
      '-p',
      'n:={{n}}',
      '-p',
      'id={{uuid}}',
      '-p',
      'at={{now}}',
      '-p',
      'ip=10.0.0.{{random 1 9}}',
    ]
    const words = ['raise', 'E_X', '-s', `${brokerAddress}/${queue}`, ...values, '--count', '250', '--sync']
    expect(await evi.run(words)).toMatchObject({ code: 0 })
    const params = await paramsIn(queue)
    expect(params.map(({ n }) => n)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1))
    expect(new Set(params.map(({ id }) => id)).size).toBe(250)
    for (const { id, at, ip } of params) {
      expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
      expect(new Date(at).toISOString()).toBe(at)
      expect(ip).toMatch(/^10\.0\.0\.[1-9]$/)
    }
  })

  test('keeps to --rate', async () => {
    const queue = await client.queue()
    const words = [
      'raise',
      'E_X',
      '-s',
      `${brokerAddress}/${queue}`,
      '-a',
      '{{now}}',
      '-n',
      '21',
      '--rate',
      '20',
    ]
    const { code, stdout } = await evi.run([...words, '--json'])
    expect(code).toBe(0)
    expect(summaryOf(stdout)).toMatchObject({
      read: 21,
      sent: 21,
      failed: 0,
    })
    const times = (await paramsIn(queue)).map(([time]) => Date.parse(time))
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(850)
  })

  test('reaches every subscriber, and keeps what one did not get', async () => {
    const queue = await client.queue()
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${queue}`])
    await evi.run(['subscribe', 'E_X', `rabbitmq:127.0.0.1:${await closedPort()}/q`])
    const failed = join(evi.configDirectory, 'failed')
    const words = ['raise', 'E_X', '-a', '{{n}}', '--count', '3', '--failed', failed, '--retry-for', '0']
    expect(await evi.run(words)).toMatchObject({ code: 3 })
    expect(await paramsIn(queue)).toEqual([['1'], ['2'], ['3']])
    expect(
      readFileSync(failed, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).params),
    ).toEqual([['1'], ['2'], ['3']])
  })

  test('ends early at Ctrl-C, with 130 and what was raised by then', async () => {
    const queue = await client.queue()
    const words = [
      'raise',
      'E_X',
      '-s',
      `${brokerAddress}/${queue}`,
      '-a',
      '{{n}}',
      '-n',
      '100000',
      '--rate',
      '100',
    ]
    const raise = evi.start([...words, '--json'])
    const seen = await client.work(queue)
    while (seen.length < 3) await new Promise(setImmediate)
    const { code, stdout } = await raise.kill('SIGINT')
    expect(code).toBe(130)
    const { sent } = summaryOf(stdout)
    expect(sent).toBeGreaterThanOrEqual(3)
    expect(sent).toBeLessThan(100_000)
  })

  test('of no subscriber is exit code 4, and of a torn template 64, before anything is connected', async () => {
    expect(await evi.run(['raise', 'E_X', '--count', '3'])).toMatchObject({ code: 4 })
    const torn = ['raise', 'E_X', '-s', 'rabbitmq:127.0.0.1:1/q', '-p', 'a={{nn}}']
    for (const more of [[], ['--count', '3']])
      expect(await evi.run([...torn, ...more])).toMatchObject({
        code: 64,
        stdout: '',
        stderr: expect.stringMatching(
          /^evi: The template .+\n {2}a=\{\{nn\}\}\n {4}\^\n {2}Placeholders are/,
        ),
      })
  })

  test.each([
    ['raise', '-', '--count', '3'],
    ['raise', 'E_X', '--batch', '-', '--count', '3'],
    ['raise', 'E_X', '--count', '3', '--speed', '1'],
    ['raise', 'E_X', '--count', '3', '--verify'],
    ['raise', 'E_X', '--count', '3', '--dry-run'],
    ['raise', 'E_X', '--count', '0'],
    ['raise', 'E_X', '--rate', '3'],
  ])('is refused in: evi %s %s %s %s', async (...words) => {
    expect(await evi.run(words)).toMatchObject({ code: 64, stdout: '' })
  })
})

test('a message has the properties that evi raise is asked for, and keeps them when its recording is raised again', async () => {
  const queue = await client.queue()
  const socket = `${brokerAddress}/${queue}`
  const flags = ['--correlation-id', 'c-1', '--expiration', '10m', '--priority', '7', '--reply-to', 'answers']
  const more = [
    '--type',
    'alarm',
    '--app-id',
    'evi-test',
    '--content-type',
    'application/json',
    '--message-id',
    'm-1',
  ]
  const expected = {
    correlationId: 'c-1',
    expiration: '600000',
    priority: 7,
    replyTo: 'answers',
    type: 'alarm',
    appId: 'evi-test',
    contentType: 'application/json',
    messageId: 'm-1',
    headers: { a: 'b' },
  }
  expect(await evi.run(['raise', 'E_X', '-s', socket, ...flags, ...more, '--header', 'a=b'])).toMatchObject({
    code: 0,
  })
  const recorded = await evi.run(['tail', '-s', socket, '--peek', '--json'])
  expect((await client.take(queue)).map(propertiesOf)).toEqual([expected])
  expect(await evi.run(['raise', '-', '-s', socket, '--sync'], { input: recorded.stdout })).toMatchObject({
    code: 0,
  })
  expect((await client.take(queue)).map(propertiesOf)).toEqual([expected])
})

test.each([
  ['--priority', '256'],
  ['--priority', '1.5'],
  ['--expiration', 'soon'],
  ['--expiration', '0.5ms'],
  ['--type', 'x'.repeat(256)],
  ['--reply-to', 'ü'.repeat(128)],
])('evi raise %s %s is wrong usage', async (flag, value) => {
  const ended = await evi.run(['raise', 'E_X', '-s', 'rabbitmq:127.0.0.1:1/q', flag, value])
  expect(ended).toMatchObject({ code: 64, stderr: expect.stringContaining(flag) })
})
