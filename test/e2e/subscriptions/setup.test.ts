import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { printedAddress } from '../../helpers/brokers/client.ts'
import { startTestSandbox } from '../../helpers/brokers/own-broker.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const { enter, esc, clearLine, interrupt, endOfFile } = keys
const address = `${testBroker.host}:${testBroker.port}`
/** Typing the first letters of a choice points at it. */
const elsewhere = 'RabbitMQ e'
const sandbox = 'a sandbox'

interface Listed {
  readonly subscriptions: readonly { event: string; socket: string; expire: number | null }[]
}

useClient()
useEvi()

const stored = async () =>
  (await evi.json<Listed>('list')).subscriptions.map(({ event, socket, expire }) => ({
    event,
    socket,
    expire,
  }))
const isUntouched = () => !existsSync(join(evi.configDirectory, 'subscriptions.json'))

/** The printed commands, those behind `evi`. */
const commandsOf = (text: string) =>
  text.split(/\r?\n/).flatMap((line) => (line.startsWith('evi ') ? [line] : []))

/** Answers up to the exchange, which is the next question. */
async function logIn(terminal: Terminal): Promise<void> {
  await terminal.answer('Which broker?', elsewhere, enter)
  await terminal.answer('Host', address, enter)
  await terminal.answer('User', enter)
  await terminal.answer('Vhost', enter)
  await terminal.shows('Exchange')
}

test('Enter all the way through leads to the first event, in a sandbox that leaves nothing behind', async () => {
  const temporary = join(evi.configDirectory, 'tmp')
  mkdirSync(temporary)
  await using terminal = new Terminal(evi, ['setup'], { TMPDIR: temporary })
  await terminal.answer('Which broker?', sandbox, enter)
  await terminal.answer('Exchange', enter)
  await terminal.answer('Queue', enter)
  await terminal.answer('Event', enter)
  await terminal.answer('yes, after a test event', enter)
  await terminal.shows(/The test event arrived after [\d.]+ ms: .*"method":"E_PIKE_BLOCKED"/)
  await terminal.shows('Subscribed')
  await terminal.shows('Watching')
  expect(await stored()).toMatchObject([{ event: 'E_PIKE_BLOCKED' }])
  expect(await evi.run(['raise', 'E_PIKE_BLOCKED', '--param', 'ip=192.0.2.1'])).toMatchObject({ code: 0 })
  await terminal.shows('ip=192.0.2.1')
  terminal.type(interrupt)
  expect(await terminal.ended()).toBe(0)
  expect(await stored()).toEqual([])
  await expect.poll(() => readdirSync(temporary)).toEqual([])
})

test('each answer is checked at once: what is wrong is said, and it is asked again', async () => {
  const missing = `x-${randomUUID()}`
  await using terminal = new Terminal(evi, ['setup'])
  await terminal.answer('Which broker?', elsewhere, enter)
  await terminal.answer('Host', `${testBroker.host}:${await closedPort()}`, enter)
  await terminal.answer('refuses the connection', clearLine, 'guest@here', enter)
  await terminal.answer('A host has no "/" or "@"', clearLine, 'two words:1', enter)
  await terminal.answer('"two words:1" is no host', clearLine, address, enter)
  await terminal.answer('User', 'stranger', enter)
  await terminal.answer('Password of stranger', 'hunter2', enter)
  await terminal.answer('If not, type the right one here', esc)
  await terminal.answer('User', 'guest', enter)
  await terminal.answer('Vhost', '/nowhere', enter)
  await terminal.answer('There is no vhost "/nowhere".', clearLine, '/', enter)
  await terminal.answer('Exchange', missing, enter)
  await terminal.answer(`There is no exchange "${missing}"`, clearLine, 'amq.topic', enter)
  await terminal.answer('Routing key', clearLine, 'a.b', enter)
  await terminal.answer('Event', 'E MINE', enter)
  await terminal.answer('has a blank', clearLine, 'E_OWN', enter)
  await terminal.answer('Time until it expires', 'soon', enter)
  await terminal.answer('not a whole number of seconds', clearLine, '600', enter)
  await terminal.answer('yes, after a test event', enter)
  await terminal.shows(/The test event arrived after [\d.]+ ms/)
  expect(await terminal.ended()).toBe(0)
  expect(await stored()).toEqual([{ event: 'E_OWN', socket: `${printedAddress}/amq.topic?a.b`, expire: 600 }])
  expect(terminal.raw).not.toContain('hunter2')
  expect(terminal.text).not.toContain('--ask-password')
})

test('an event for a queue that exists is left in it, which is said before', async () => {
  const queue = await client.queue()
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await logIn(terminal)
  terminal.type(enter)
  await terminal.answer('Queue', queue, enter)
  await terminal.shows('has 0 messages and 0 consumers')
  await terminal.answer('Time until it expires', enter)
  await terminal.shows('yes, after a test event')
  await terminal.answer(`It stays in the queue "${queue}"`, enter)
  await terminal.shows('The test event is in the queue')
  expect(await terminal.ended()).toBe(0)
  const body = '{"jsonrpc":"2.0","method":"E_X","params":{"evi":"test"}}'
  expect((await client.take(queue)).map(({ content }) => content.toString())).toEqual([body])
})

test('Esc goes back question by question, and the answers given are offered again', async () => {
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await logIn(terminal)
  terminal.type('amq.topic', enter)
  await terminal.answer('Routing key (evi)', 'a.b', enter)
  await terminal.answer('Time until it expires', esc)
  await terminal.answer('Routing key (a.b)', esc)
  await terminal.answer('Exchange, or "the default one" (amq.topic)', 'the default one', enter)
  await terminal.answer('Queue', esc)
  await terminal.answer('Exchange', 'amq.topic', enter)
  await terminal.answer('Routing key (a.b)', esc)
  await terminal.answer('Exchange, or "the default one" (amq.topic)', esc)
  await terminal.answer('Vhost', esc)
  await terminal.answer('User', esc)
  await terminal.answer(`Host (:port unless 5672) (${address})`, esc)
  await terminal.answer('Which broker?', esc)
  await terminal.answer('Which broker?', enter)
  await terminal.answer(`Host (:port unless 5672) (${address})`, enter)
  await terminal.answer('User', enter)
  await terminal.answer('Vhost', enter)
  await terminal.answer('Exchange, or "the default one" (amq.topic)', enter)
  await terminal.answer('Routing key (a.b)', enter)
  await terminal.answer('Time until it expires', enter)
  await terminal.shows(`Subscribe ${printedAddress}/amq.topic?a.b to E_X?`)
  terminal.type(interrupt)
  expect(await terminal.ended()).toBe(130)
})

describe('nothing is stored when the user leaves', () => {
  test.each([
    ['by Ctrl-C', interrupt],
    ['by Ctrl-D', endOfFile],
  ])('%s at the last question', async (_way, key) => {
    const queue = `q-${randomUUID()}`
    await using terminal = new Terminal(evi, ['setup', 'E_X'])
    await logIn(terminal)
    terminal.type(enter)
    await terminal.answer('Queue', queue, enter)
    await terminal.answer('Time until it expires', enter)
    await terminal.answer('yes, after a test event', key)
    await terminal.shows('evi: Interrupted: nothing was stored.')
    expect(await terminal.ended()).toBe(130)
    expect(terminal.raw.lastIndexOf('\x1b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?25l'))
    expect(isUntouched()).toBe(true)
    expect(await evi.run(['raise', 'E_X', '--socket', `${printedAddress}/${queue}`])).toMatchObject({
      code: 5,
    })
  })

  test('by Ctrl-C with a sandbox, of which nothing is left', async () => {
    const temporary = join(evi.configDirectory, 'tmp')
    mkdirSync(temporary)
    await using terminal = new Terminal(evi, ['setup', 'E_X'], { TMPDIR: temporary })
    await terminal.answer('Which broker?', sandbox, enter)
    await terminal.answer('Exchange', interrupt)
    expect(await terminal.ended()).toBe(130)
    expect(isUntouched()).toBe(true)
    await expect.poll(() => readdirSync(temporary)).toEqual([])
  })

  test('by Ctrl-C while a sandbox starts', async () => {
    const temporary = join(evi.configDirectory, 'tmp')
    mkdirSync(temporary)
    await using terminal = new Terminal(evi, ['setup', 'E_X'], { TMPDIR: temporary })
    await terminal.answer('Which broker?', sandbox, enter)
    await terminal.answer('Starting RabbitMQ', interrupt)
    expect(await terminal.ended()).toBe(130)
    expect(isUntouched()).toBe(true)
    expect(readdirSync(temporary)).toEqual([])
  })
})

test('the printed commands do the same without questions', async () => {
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await logIn(terminal)
  terminal.type('amq.topic', enter)
  await terminal.answer('Routing key', enter)
  await terminal.answer('Time until it expires', '600', enter)
  await terminal.answer('yes, after a test event', enter)
  expect(await terminal.ended()).toBe(0)
  const socket = `${printedAddress}/amq.topic?evi`
  const [subscribe = '', tail = '', raise = '', ...rest] = commandsOf(terminal.text)
  expect(rest).toEqual([])
  const asked = await stored()
  const other = new Evi()
  try {
    expect(await other.shell(subscribe)).toMatchObject({ code: 0 })
    const { subscriptions } = await other.json<Listed>('list')
    expect(subscriptions).toMatchObject(asked)
    const watching = other.startShell(tail)
    await watching.said('stderr', /Watching/)
    expect(await other.shell(raise)).toMatchObject({ code: 0 })
    await watching.said('stdout', /E_X {2}evi=test/)
  } finally {
    await other.dispose()
  }
  expect(socket).toBe(asked[0]?.socket)
})

test('with the management API the exchange is picked from a list, the default one first', async () => {
  const broker = await startTestSandbox({ management: true })
  try {
    await using terminal = new Terminal(evi, ['setup', 'E_X', '--management', broker.managementUrl ?? ''])
    await terminal.answer('Which broker?', elsewhere, enter)
    await terminal.answer('Host', `${broker.host}:${broker.port}`, enter)
    await terminal.answer('User', enter)
    await terminal.answer('Vhost', enter)
    await terminal.answer('❯ the default one', 'amq.t')
    await terminal.answer('❯ amq.topic', enter)
    await terminal.answer('Routing key', interrupt)
    expect(await terminal.ended()).toBe(130)
  } finally {
    await broker.stop()
  }
})

test('evi subscribe EVENT on a terminal asks for the rest', async () => {
  await using terminal = new Terminal(evi, ['subscribe', 'E_X'])
  await logIn(terminal)
  terminal.type(enter)
  await terminal.answer('Queue', `q-${randomUUID()}`, enter)
  await terminal.answer('Time until it expires', enter)
  await terminal.answer('yes, without a test event', keys.down, enter)
  await terminal.answer('Declare it?', keys.down, enter)
  expect(await terminal.ended()).toBe(0)
  expect(await stored()).toMatchObject([{ event: 'E_X' }])
})

test('the wizard says again at the end that the queue is missing, declares it, and prints the command', async () => {
  const queue = `q-${randomUUID()}`
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await logIn(terminal)
  terminal.type(enter)
  await terminal.answer('Queue', queue, enter)
  await terminal.answer('Time until it expires', enter)
  await terminal.answer('yes, after a test event', enter)
  await terminal.shows('The test event arrived')
  await terminal.answer(`There is no queue "${queue}" yet`, enter)
  await terminal.shows(`The queue "${queue}" is there now.`)
  expect(await terminal.ended()).toBe(0)
  expect(await evi.run(['raise', 'E_X', '--sync'])).toMatchObject({ code: 0 })
  await client.channel.deleteQueue(queue)
  const commands = commandsOf(terminal.text)
  expect(commands[1]).toBe(`evi declare ${printedAddress}/${queue} --yes`)
  const other = new Evi()
  try {
    for (const command of commands) expect(await other.shell(command)).toMatchObject({ code: 0 })
    expect(await client.take(queue)).toHaveLength(1)
  } finally {
    await other.dispose()
    await client.channel.deleteQueue(queue)
  }
})

test.each([
  [['setup'], 'evi subscribe EVENT rabbitmq:'],
  [['setup', 'E_X', '--json'], 'evi subscribe E_X rabbitmq:'],
  [['subscribe', 'E_X'], '--host'],
])('evi %s without a terminal is refused, and the way without questions is named', async (words, way) => {
  const { code, stdout, stderr } = await evi.run(words)
  expect(code).toBe(64)
  expect(stdout + stderr).toContain(way)
})
