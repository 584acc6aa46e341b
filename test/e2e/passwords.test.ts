import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ended, Evi } from '../helpers/evi.ts'
import { ownBroker } from '../helpers/own-broker.ts'
import { closedPort } from '../helpers/servers.ts'
import { keys, Terminal } from '../helpers/terminal.ts'

/** Of characters that mean something in a socket, a URL, a shell and JSON. */
const secret = 'hush@H0u:se/"%'
const escaped = encodeURIComponent(secret)

const own = ownBroker({ management: true })
let queue: string
beforeAll(async () => {
  await own.broker.rabbitmqctl('add_user', 'alice', secret)
  await own.broker.rabbitmqctl('set_permissions', 'alice', '.*', '.*', '.*')
  queue = await own.client.queue()
})

let evi: Evi
beforeEach(() => {
  evi = new Evi()
})
afterEach(() => evi.dispose())

const socket = () => `rabbitmq:alice@${own.broker.host}:${own.broker.port}/${queue}`
const withSecret = () => socket().replace('alice@', `alice:${escaped}@`)
const file = (content: string) => {
  const path = join(evi.configDirectory, 'password')
  writeFileSync(path, content)
  return path
}

/** In whatever form it may be written. */
const forms = [
  secret,
  escaped,
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(`alice:${secret}`).toString('base64'),
  Buffer.from(`\0alice\0${secret}`).toString('base64'),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
]

function expectSecrecy({ stdout, stderr }: Ended): void {
  for (const form of forms) expect(stdout + stderr).not.toContain(form)
}

describe('a password is given on no command line', () => {
  const raises = async (code = 0, environment: Record<string, string> = {}) => {
    const ended = await evi.run(['raise', 'E_X', '--sync'], { environment })
    expect(ended.code).toBe(code)
    expectSecrecy(ended)
    return ended
  }

  test('but in a file, or on standard input', async () => {
    await evi.run(['subscribe', 'E_X', socket(), '--password-file', file(`${secret}\n`)])
    await raises()
    await evi.run(['subscribe', 'E_X', socket(), '--password-file', '-'], { input: 'wrong' })
    await raises(77)
    await evi.run(['subscribe', 'E_X', socket(), '--password-file', '-'], { input: secret })
    await raises()
  })

  test('but in a variable, which is read whenever it is needed', async () => {
    const subscribed = await evi.run(['subscribe', 'E_X', socket(), '--password-env', 'ALICE'])
    expect(subscribed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('that is in ALICE when it is needed'),
    })
    expect(readFileSync(join(evi.configDirectory, 'subscriptions.json'), 'utf8')).toContain(
      '"passwordEnv":"ALICE"',
    )
    await raises(0, { ALICE: secret })
    await raises(77, { ALICE: 'rotated' })
    const { stderr } = await raises(77)
    expect(stderr).toMatch(
      /The variable ALICE, which holds the password, is not set.\n {2}Set it where evi is run: export ALICE=/,
    )
    const check = await evi.run(['check', '--json'], { environment: { ALICE: secret } })
    expect(check.code).toBe(0)
    expectSecrecy(check)
  })

  test('but typed unseen', async () => {
    await using terminal = new Terminal(evi, ['subscribe', 'E_X', socket(), '--ask-password'])
    await terminal.answer('Password', secret, keys.enter)
    expect(await terminal.ended()).toBe(0)
    for (const form of forms) expect(terminal.raw).not.toContain(form)
    await raises()
  })

  test.each([['raise', 'E_X', '--sync'], ['check'], ['tail', '--peek']])(
    'and the one of %s --socket is given in the same ways',
    async (...words) => {
      own.client.channel.sendToQueue(queue, Buffer.from('{}'))
      const given = [...words, '--socket', socket()]
      expect(await evi.run([...given, '--password-file', file(secret)])).toMatchObject({ code: 0 })
      expect(
        await evi.run([...given, '--password-env', 'ALICE'], { environment: { ALICE: secret } }),
      ).toMatchObject({ code: 0 })
      expect(await evi.run([...given, '--password-file', '-'], { input: 'wrong' })).toMatchObject({
        code: 77,
      })
      expect(await evi.run([...given, '--password-file', '/nowhere'])).toMatchObject({ code: 66 })
      expect(await evi.run([...given, '--ask-password'])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('--password-env'),
      })
    },
  )

  test.each([
    ['two ways at once', ['--password-env', 'A', '--password-file', '-']],
    ['the password itself instead of a variable’s name', ['--password-env', secret]],
  ])('%s: refused', async (_what, flags) => {
    const ended = await evi.run(['subscribe', 'E_X', socket(), ...flags])
    expect(ended.code).toBe(64)
    expectSecrecy(ended)
  })

  test('a password without a --socket is refused', async () => {
    expect(await evi.run(['raise', 'E_X', '--password-env', 'A'])).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('a password is in no output', () => {
  const management = () => String(own.broker.managementUrl).replace('//', `//alice:${escaped}@`)

  test.each<[string, () => string[]]>([
    ['subscribe', () => ['subscribe', 'E_Y', withSecret()]],
    ['subscribe --check', () => ['subscribe', 'E_Y', withSecret(), '--check']],
    ['unsubscribe', () => ['unsubscribe', 'E_X', withSecret()]],
    ['list', () => ['list']],
    ['raise', () => ['raise', 'E_X']],
    ['raise --socket', () => ['raise', 'E_X', '--socket', withSecret()]],
    ['raise --dry-run', () => ['raise', 'E_X', '--socket', withSecret(), '--dry-run']],
    ['raise --verify', () => ['raise', 'E_X', '--verify', '--management', management()]],
    ['check', () => ['check', '--management', management()]],
    ['check of a wrong password', () => ['check', '--socket', withSecret().replace('alice:', 'alice:x')]],
    ['tail', () => ['tail', '--socket', withSecret(), '--peek']],
    ['settings', () => ['settings']],
    ['a broken socket', () => ['subscribe', 'E_X', withSecret().replace('/', '')]],
    ['a socket with the password as it is', () => ['subscribe', 'E_X', `rabbitmq:alice:${secret}@h:x/q`]],
    ['a socket where an event belongs', () => ['subscribe', withSecret()]],
    ['too many arguments', () => ['list', 'E_X', withSecret()]],
    ['a flag that is none', () => ['list', `--${withSecret()}`]],
    ['a command that is none', () => [withSecret()]],
    ['a management API that is none', () => ['check', '--management', `ftp://alice:${escaped}@h`]],
  ])('of %s, plain, as JSON and with all debugging on', async (_what, words) => {
    await evi.run(['subscribe', 'E_X', withSecret()])
    for (const flags of [[], ['--json']]) expectSecrecy(await evi.run([...words(), ...flags]))
    expectSecrecy(await evi.run(words(), { environment: { EVI_DEBUG: '1', DEBUG: '*' } }))
  })

  test('of a dead own.broker, and of a damaged store', async () => {
    await evi.run(['subscribe', 'E_X', `rabbitmq:alice:${escaped}@127.0.0.1:${await closedPort()}/q`])
    for (const words of [['raise', 'E_X'], ['check'], ['tail']]) expectSecrecy(await evi.run(words))
    const path = join(evi.configDirectory, 'subscriptions.json')
    const content = readFileSync(path, 'utf8')
    expect(content).toContain(JSON.stringify(secret))
    writeFileSync(path, content.slice(0, -3))
    for (const words of [['list'], ['raise', 'E_X'], ['list', '--json']]) {
      const ended = await evi.run(words)
      expect(ended.code).toBe(78)
      expectSecrecy(ended)
    }
  })
})

test.runIf(process.platform === 'linux')('a password is in no process title, nor command line', async () => {
  const watched = socket().replace(queue, 'amq.topic?hush')
  await evi.run(['subscribe', 'E_X', watched, '--password-file', '-'], { input: secret })
  const tail = evi.start(['tail', 'E_X'])
  await tail.said('stderr', /Watching/)
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/cmdline`, 'utf8'), readFileSync(`/proc/${id}/comm`, 'utf8')]
      } catch {
        return []
      }
    })
  const ended = await tail.kill('SIGINT')
  expect(ended.code).toBe(0)
  for (const form of forms) expect(lines.join('\n')).not.toContain(form)
})
