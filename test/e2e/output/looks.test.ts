import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

useEvi()

const red = '\u001b[31m'
const subscribe = ['subscribe', 'E_X', 'rabbitmq:alice@rmq.example.com/pike', '--password-env', 'SECRET']

describe('colours', () => {
  test.each([
    ['--color always', ['--color', 'always'], { NO_COLOR: '1' }, true],
    ['--color=always', ['--color=always'], {}, true],
    ['FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['--color never', ['--color', 'never'], { FORCE_COLOR: '1' }, false],
    ['--color auto', ['--color', 'auto'], {}, false],
    ['nothing', [], {}, false],
  ])('in a pipe, with %s, are as asked for', async (_, flags, environment, coloured) => {
    const { stdout } = await evi.run([...subscribe, ...flags], { environment })
    expect(stdout.includes('\u001b[32m✔')).toBe(coloured)
    const failed = await evi.run(['unsubscribe', 'E_Y', ...flags], { environment })
    expect(failed.stderr.startsWith(`${red}evi: `)).toBe(coloured)
  })

  test('may be chosen before the command', async () => {
    const { stdout } = await evi.run(['--color', 'always', '--context', 'default', ...subscribe])
    expect(stdout).toContain('\u001b[32m✔')
  })

  test('are asked for in three ways, and in no other', async () => {
    const { code, stderr } = await evi.run(['list', '--color', 'sometimes'])
    expect(code).toBe(64)
    expect(stderr).toMatch(/^evi: .*--color=sometimes.*auto, always, never/)
  })

  test('are in no document', async () => {
    const { stdout } = await evi.run(['settings', '--json', '--color', 'always'])
    expect(stdout).not.toContain('\u001b')
  })
})

test.each([
  ['LANG=C', { LANG: 'C' }],
  ['LC_ALL=C', { LANG: 'en_US.UTF-8', LC_ALL: 'C' }],
  ['TERM=dumb', { TERM: 'dumb', LANG: 'C.UTF-8' }],
  ['EVI_ACCESSIBLE=1', { EVI_ACCESSIBLE: '1' }],
])('with %s, marks are words in ASCII', async (_, environment) => {
  expect((await evi.run(subscribe, { environment })).stdout).toMatch(/^\[ok\] Subscribed [ -~]+\n/)
  const { stdout } = await evi.run(['map'], { environment })
  expect(stdout).toMatch(/^E_X\n`- /)
  expect(stdout).toMatch(/^[ -~\n]+$/)
})

describe.each(['40', '80', '200'])('on a terminal of %s columns', (COLUMNS) => {
  test('an error is red, broken between words, and its command can be copied', async () => {
    const socket = 'rabbitmq:127.0.0.1:1/a-routing-key-that-is-longer-than-forty-columns'
    await using terminal = new Terminal(evi, ['raise', 'E_X', '--socket', socket, '--sync'], { COLUMNS })
    await terminal.ended()
    const lines = terminal.text.replaceAll('\r', '').split('\n')
    const isWhole = (line: string) => line.includes('a-routing-key')
    expect(lines.filter((line) => line.length > Number(COLUMNS) && !isWhole(line))).toEqual([])
    expect(terminal.raw).toContain(`${red}✖`)
  })

  test('a remedy has its command on a line of its own', async () => {
    await using terminal = new Terminal(evi, ['raise', 'E_NONE'], { COLUMNS })
    await terminal.ended()
    expect(terminal.raw).toContain(`${red}evi: `)
    expect(stripVTControlCharacters(terminal.raw).replaceAll('\r', '')).toMatch(
      /:\n {4}evi subscribe E_NONE \S.*\n/,
    )
  })
})

describe.each([
  ['a terminal that only prints', { TERM: 'dumb' }],
  ['a screen reader', { EVI_ACCESSIBLE: '1' }],
])('%s', (_, environment) => {
  test('is asked for one of several by number', async () => {
    await evi.run(subscribe)
    await evi.run(['subscribe', 'E_X', 'rabbitmq:localhost/another', '--password-env', 'SECRET'])
    await using terminal = new Terminal(evi, ['unsubscribe', 'E_X'], environment)
    await terminal.answer('Number [1]: ', '4', keys.enter)
    await terminal.answer('Type a number from 1 to 3.', '2', keys.enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text).toMatch(
      /\r?\n {2}1\) rabbitmq:.+\r?\n {2}2\) rabbitmq:.+\r?\n {2}3\) All 2 of them/,
    )
    expect((await evi.run(['list', '--json'])).stdout.match(/"socket"/g)).toHaveLength(1)
    expect(terminal.raw).not.toMatch(/\p{Cc}\[\d*[A-HJK]/u)
  })

  test('is asked for a password, which is not shown', async () => {
    const words = ['subscribe', 'E_X', 'rabbitmq:alice@localhost/pike', '--ask-password']
    await using terminal = new Terminal(evi, words, environment)
    await terminal.answer('Password: ', 'hunter2', keys.enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.raw).not.toContain('hunter2')
  })

  test('goes through the wizard line by line, and leaves it by Ctrl-D', async () => {
    await using terminal = new Terminal(evi, ['setup'], environment)
    await terminal.shows(/1\/\d+ Which broker\?/)
    await terminal.answer('Number [', 'RabbitMQ elsewhere', keys.enter)
    await terminal.answer(/2\/\d+ Host/, '<', keys.enter)
    await terminal.shows(/1\/\d+ Which broker\?/)
    await terminal.answer('Number [', keys.endOfFile)
    expect(await terminal.ended()).toBe(130)
    expect(terminal.text).toContain('< goes back, Ctrl-C leaves.')
    expect(terminal.text).not.toContain('Esc')
  })
})

test('prompts are in ASCII where the locale has no UTF-8', async () => {
  const environment = { LANG: 'C' }
  await evi.run(subscribe)
  await evi.run(['subscribe', 'E_X', 'rabbitmq:localhost/another', '--password-env', 'SECRET'])
  await using list = new Terminal(evi, ['unsubscribe', 'E_X'], environment)
  await list.answer(/> rabbitmq:.+\r?\n[\s\S]*up\/down navigate/, keys.enter)
  expect(await list.ended()).toBe(0)
  expect(list.text).toMatch(/^[ -~\r\n]+$/)
  await using secret = new Terminal(
    evi,
    ['subscribe', 'E_Y', 'rabbitmq:alice@h/q', '--ask-password'],
    environment,
  )
  await secret.answer('? Password', 'hunter2', keys.enter)
  expect(await secret.ended()).toBe(0)
  expect(secret.text).toMatch(/^[ -~\r\n]+$/)
  await using wizard = new Terminal(evi, ['setup'], environment)
  await wizard.answer(/> .+\r?\n[\s\S]*up\/down navigate/, keys.interrupt)
  await wizard.ended()
  expect(wizard.text).toMatch(/^[ -~\r\n]+$/)
})

test('what is broken between words goes on in its column', async () => {
  await evi.run(['subscribe', 'E_X', 'rabbitmq:127.0.0.1:1/pike'])
  await using terminal = new Terminal(evi, ['check'], { COLUMNS: '75' })
  await terminal.ended()
  expect(terminal.text).toMatch(/✖ tcp {6} *[\d.]+ ms {2}127\.0\.0\.1:1 refuses [^\n]+\n {23}\S/)
})

test('a dumb terminal gets no escapes', async () => {
  await using terminal = new Terminal(evi, ['raise', 'E_NONE'], { TERM: 'dumb' })
  await terminal.ended()
  expect(terminal.raw).toContain('evi: ')
  expect(terminal.raw).not.toContain('\u001b')
})
