import { describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })

useEvi()

const at = () => `${own.broker.host}:${own.broker.port}`
const linesOf = (text: string) => text.trimEnd().split('\n')

/** A queue with a consumer. */
async function consumed(): Promise<string> {
  const queue = await own.client.queue()
  await own.client.channel.consume(queue, () => {})
  return queue
}

async function subscribe(event: string, socket: string): Promise<void> {
  expect(await evi.run(['subscribe', event, socket])).toMatchObject({ code: 0 })
}

const management = () => ['--management', String(own.broker.managementUrl)]

describe('evi check of a healthy broker', () => {
  test('is a line for the broker, one for each subscription, and the summary', async () => {
    const queue = await consumed()
    await subscribe('E_A', `${own.address}/${queue}`)
    await subscribe('E_B', `${own.address}/${queue}`)
    const { code, stdout } = await evi.run(['check', ...management()])
    expect(code).toBe(0)
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(
        new RegExp(`^✔ rabbitmq:guest@${at()}, vhost / {2}[\\d.]+ ms {2}RabbitMQ ${own.broker.version}$`),
      ),
      `  ✔ rabbitmq:guest@${at()}/${queue}  E_A, E_B`,
      '',
      '2 subscriptions: 2 ok',
    ])
  })

  test('shows all steps with --verbose', async () => {
    const socket = `${own.address}/${await consumed()}`
    const { stdout } = await evi.run(['check', '--socket', socket, '--verbose', ...management()])
    expect(stdout).toMatch(/✔ tcp .+\n {2}✔ amqp .+\n {2}✔ login .+\n {2}✔ vhost .+\n/)
    expect(stdout).toMatch(/✔ queue .+\n {4}✔ publish .+\n {4}✔ takes .+\n\n1 socket: ok\n$/)
  })
})

describe('evi check of several subscriptions', () => {
  test('marks each, those behind a dead broker too, and counts them in its last line', async () => {
    const [queue, idle] = [await consumed(), await own.client.queue()]
    const dead = `127.0.0.1:${await closedPort()}`
    await subscribe('E_OK', `${own.address}/${queue}`)
    await subscribe('E_IDLE', `${own.address}/${idle}`)
    await subscribe('E_GONE', `${own.address}/gone`)
    await subscribe('E_DEAD', `rabbitmq:${dead}/a`)
    await subscribe('E_DEAD', `rabbitmq:${dead}/b`)
    const { code, stdout } = await evi.run(['check', ...management()])
    expect(code).toBe(69)
    const lines = linesOf(stdout)
    expect(lines.filter((line) => /^ {0,2}\S rabbitmq:/.test(line)).map((line) => line.trim()[0])).toEqual([
      ...'✔✔!✖',
      ...'✖✖✖',
    ])
    expect(lines).toContain(`  ✖ rabbitmq:guest@${dead}/b  E_DEAD`)
    expect(lines.at(-1)).toBe('5 subscriptions: 1 ok, 1 with a warning, 3 broken')
  })

  test('gives a reason that many have once', async () => {
    const exchange = await own.client.exchange('topic')
    for (const key of ['a', 'b', 'c']) await subscribe('E_A', `${own.address}/${exchange}?${key}`)
    const { stdout } = await evi.run(['check'])
    expect(stdout.match(/AMQP does not show what is bound/g)).toHaveLength(1)
    expect(stdout.match(/\? route +as above\n/g)).toHaveLength(2)
    expect(linesOf(stdout).at(-1)).toBe('3 subscriptions: 3 not fully checked')
  })

  test('has a heading of its own for each login of a broker', async () => {
    await subscribe('E_A', `rabbitmq:guest:guest@${at()}/gone`)
    await subscribe('E_B', `rabbitmq:guest:wrong@${at()}/gone`)
    await subscribe('E_C', `rabbitmq:other:wrong@${at()}/gone`)
    const { stdout } = await evi.run(['check'])
    expect(stdout.match(/^\S rabbitmq:.+?(?= {2}|$)/gm)).toEqual([
      `✔ rabbitmq:guest@${at()}, vhost /, password 1 of 2`,
      `✖ rabbitmq:guest@${at()}, vhost /, password 2 of 2`,
      `✖ rabbitmq:other@${at()}, vhost /`,
    ])
    expect(stdout).not.toContain('wrong')
  })
})

describe('evi check --failed', () => {
  test('shows what is broken only, and counts all', async () => {
    const queue = await consumed()
    await subscribe('E_OK', `${own.address}/${queue}`)
    await subscribe('E_GONE', `${own.address}/gone`)
    const { code, stdout } = await evi.run(['check', '--failed'])
    expect(code).toBe(5)
    expect(stdout).not.toContain(queue)
    expect(stdout).toMatch(/^✔ .+\n {2}✖ .+\/gone {2}E_GONE\n {4}✖ queue /)
    expect(linesOf(stdout).at(-1)).toMatch(/^2 subscriptions: .+, 1 broken$/)
    const { checks, passed, failed } = await evi.json<{ checks: object[]; passed: number; failed: number }>(
      'check',
      '--failed',
    )
    expect(checks).toMatchObject([{ events: ['E_GONE'], ok: false }])
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 })
  })

  test('shows the summary alone where nothing is broken', async () => {
    await subscribe('E_OK', `${own.address}/${await consumed()}`)
    const ended = await evi.run(['check', '--failed', ...management()])
    expect(ended).toMatchObject({ code: 0, stdout: '1 subscription: ok\n' })
  })
})

describe('evi check --login', () => {
  test('checks the login alone, given by parts, without a routing key', async () => {
    const words = ['check', '--login', '--host', own.broker.host, '--port', String(own.broker.port)]
    const good = await evi.run([...words, '--user', 'guest', '--password-file', '-'], { input: 'guest' })
    expect(good.code).toBe(0)
    expect(good.stdout).toMatch(
      /^✔ rabbitmq:guest@.+, vhost \/ {2}[\d.]+ ms {2}RabbitMQ .+\n\n1 login: ok\n$/,
    )
    const bad = await evi.run([...words, '--user', 'guest', '--password-file', '-'], { input: 'wrong' })
    expect(bad.code).toBe(77)
    expect(bad.stdout).toMatch(/✖ login [\s\S]+\n1 login: broken\n$/)
  })

  test('takes a socket without a routing key, and each login of the store once', async () => {
    for (const socket of [`rabbitmq:guest:guest@${at()}`, `rabbitmq:guest:guest@${at()}/`])
      expect(await evi.run(['check', '--login', '--socket', socket])).toMatchObject({ code: 0 })
    await subscribe('E_A', `${own.address}/gone`)
    await subscribe('E_B', `${own.address}/other`)
    const { checks } = await evi.json<{ checks: object[] }>('check', '--login')
    expect(checks).toMatchObject([{ events: ['E_A', 'E_B'], ok: true }])
  })

  test('refuses parts without a host, and parts without --login', async () => {
    for (const words of [
      ['--login', '--user', 'a'],
      ['--host', 'h'],
    ])
      expect(await evi.run(['check', ...words])).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('evi list --check', () => {
  test('marks each subscription, names the step, and ends with the exit code of evi check', async () => {
    await subscribe('E_GONE', `${own.address}/gone`)
    await subscribe('E_OK', `${own.address}/${await consumed()}`)
    const { code, stdout } = await evi.run(['list', '--check', ...management()])
    expect(code).toBe(5)
    expect(stdout).toMatch(/^CHECK +EVENT +SOCKET +.+\n✖ queue +E_GONE +.+\n✔ +E_OK +.+\n\n/)
    expect(linesOf(stdout).at(-1)).toBe('2 subscriptions: 1 ok, 1 broken. Why: evi check --failed')
    const { subscriptions } = await evi.json<{ subscriptions: object[] }>('list', '--check', ...management())
    expect(subscriptions).toMatchObject([
      { event: 'E_GONE', check: { status: 'failed', step: 'queue', code: 'unroutable' } },
      { event: 'E_OK', check: { status: 'passed', step: null, code: null } },
    ])
  })
})
