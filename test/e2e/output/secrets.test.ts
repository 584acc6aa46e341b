import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { type Ended, Evi } from '../../helpers/evi/evi.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

/** Of characters that mean something in a socket, a URL, a shell and JSON. */
const secret = 'hush@H0u:se/"%'
const escaped = encodeURIComponent(secret)

const own = ownBroker({ management: true })
let queue: string
beforeAll(async () => {
  await addUser(own.broker, 'alice', secret)
  queue = await own.client.queue()
})

useEvi()

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
      stdout: expect.stringContaining('that is in ALICE when it is needed'),
    })
    expect(readFileSync(join(evi.configDirectory, 'subscriptions.json'), 'utf8')).toContain(
      '"passwordEnv":"ALICE"',
    )
    await raises(0, { ALICE: secret })
    await raises(77, { ALICE: 'rotated' })
    const { stdout } = await raises(77)
    expect(stdout).toMatch(
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
    ["the password itself instead of a variable's name", ['--password-env', secret]],
  ])('%s: refused', async (_what, flags) => {
    const ended = await evi.run(['subscribe', 'E_X', socket(), ...flags])
    expect(ended.code).toBe(64)
    expectSecrecy(ended)
  })

  test('a password without a --socket is refused', async () => {
    expect(await evi.run(['raise', 'E_X', '--password-env', 'A'])).toMatchObject({ code: 64, stdout: '' })
  })
})

/** Each of them at its loudest. */
const debugging = { EVI_DEBUG: '1', DEBUG: '*', NODE_DEBUG: '*', CLI_FLAGS_DEBUG: '1' }

describe('a password is in no output', () => {
  let stored: Buffer
  beforeAll(async () => {
    const first = new Evi()
    await first.run(['subscribe', 'E_X', withSecret()])
    stored = readFileSync(join(first.configDirectory, 'subscriptions.json'))
    await first.dispose()
  })
  const store = () => writeFileSync(join(evi.configDirectory, 'subscriptions.json'), stored, { mode: 0o600 })
  const management = (login = `alice:${escaped}`) =>
    String(own.broker.managementUrl).replace('//', `//${login}@`)
  const config = (change = (text: string) => text) => {
    const path = join(evi.configDirectory, 'opensips.cfg')
    const sockets = [withSecret(), `virtual:FAILOVER ${withSecret()}`, `udp:alice:${escaped}@h`]
    const raw = `subscribe_event('E_X', 'rabbitmq:alice:${secret}@h/q');`
    const lines = [raw, ...sockets.map((one) => `subscribe_event("E_X", "${one}");`)]
    writeFileSync(path, change(`startup_route {\n${lines.join('\n')}\n}\n`))
    return path
  }
  const broken = (change: (socket: string) => string) => change(withSecret())

  test.each<[string, () => string[]]>([
    ['subscribe', () => ['subscribe', 'E_Y', withSecret()]],
    ['subscribe --check', () => ['subscribe', 'E_Y', withSecret(), '--check']],
    ['subscribe by parts', () => ['subscribe', 'E_Y', '--host', `alice:${escaped}@h`, '--routing-key', 'q']],
    ['unsubscribe', () => ['unsubscribe', 'E_X', withSecret()]],
    ['unsubscribe of no subscriber', () => ['unsubscribe', 'E_Y', withSecret()]],
    ['list', () => ['list']],
    ['raise', () => ['raise', 'E_X']],
    ['raise --socket', () => ['raise', 'E_X', '--socket', withSecret()]],
    ['raise --dry-run', () => ['raise', 'E_X', '--socket', withSecret(), '--dry-run']],
    ['raise --verify', () => ['raise', 'E_X', '--verify', '--management', management()]],
    ['raise - of a line that is bad', () => ['raise', '-', '--socket', withSecret(), '--progress']],
    ['check', () => ['check', '--management', management()]],
    [
      'check of a wrong password',
      () => ['check', '--socket', broken((it) => it.replace('alice:', 'alice:x'))],
    ],
    ['check by a login that is refused', () => ['check', '--management', management(`alice:x${escaped}`)]],
    ['map', () => ['map', '--check', '--management', management()]],
    ['map as a document', () => ['map', '--format', 'mermaid']],
    ['tail', () => ['tail', '--socket', withSecret(), '--peek']],
    ['declare', () => ['declare', withSecret(), '--yes']],
    ['declare without --yes', () => ['declare', `${withSecret()}-missing`]],
    [
      'declare by a wrong password',
      () => ['declare', broken((it) => it.replace('alice:', 'alice:x')), '--yes'],
    ],
    ['completion', () => ['completion', withSecret()]],
    ['events', () => ['events', withSecret()]],
    ['bench', () => ['bench', withSecret(), '--count', '1']],
    ['settings', () => ['settings']],
    ['setup', () => ['setup', 'E_X']],
    ['export', () => ['export']],
    ['export --mi', () => ['export', '--mi']],
    [
      'export --with-passwords',
      () => ['export', '--with-passwords', '--output', join(evi.configDirectory, 'out.cfg')],
    ],
    ['import', () => ['import', config()]],
    ['import of a file that is broken', () => ['import', config((it) => it.replace('");', ''))]],
    ['import of sockets that are refused', () => ['import', config((it) => it.replaceAll('q-', 'q%zz'))]],
    ['import of a variable', () => ['import', config((it) => it.replaceAll('@1', '@$var(x)1'))]],
    ['a broken socket', () => ['subscribe', 'E_X', broken((it) => it.replace('/', ''))]],
    ['a socket with the password as it is', () => ['subscribe', 'E_X', `rabbitmq:alice:${secret}@h:x/q`]],
    [
      'a socket without its scheme',
      () => ['raise', 'E_X', '-s', broken((it) => it.replace('rabbitmq:', ''))],
    ],
    ['a socket where an event belongs', () => ['subscribe', withSecret()]],
    ['a login where an event belongs', () => ['list', `alice:${escaped}@h/q`]],
    ['a URL where an event belongs', () => ['check', management()]],
    ['too many arguments', () => ['list', 'E_X', withSecret()]],
    ['a URL too many', () => ['list', 'E_X', management()]],
    ['a flag that is none', () => ['list', `--${withSecret()}`]],
    ['a flag with the password', () => ['subscribe', 'E_X', socket(), `--password=${secret}`]],
    ['a short flag with the password', () => ['subscribe', 'E_X', socket(), `-p${secret}`]],
    ['a flag that is misspelt', () => ['check', `--managment=${management()}`]],
    ['a command that is none', () => [withSecret()]],
    ['help on it', () => ['help', withSecret()]],
    ['a command of a sandbox', () => ['sandbox', 'raise', '--socket', withSecret()]],
    ['a management API that is none', () => ['check', '--management', `ftp://alice:${escaped}@h`]],
    ['a management API at no port', () => ['check', '--management', `http://alice:${escaped}@h:99999`]],
    [
      'a management API that is not there',
      () => ['check', '--management', `http://alice:${escaped}@127.0.0.1:1`],
    ],
  ])('of %s, in words and as JSON, with all debugging on', async (_what, words) => {
    store()
    const input = `{"jsonrpc":"2.0","method":"${withSecret()}"}\n`
    for (const flags of [[], ['--json']])
      expectSecrecy(await evi.run([...words(), ...flags], { environment: debugging, input }))
  })

  test('of subscriptions that are read from a file and make no sense', async () => {
    const lines = [
      `E_X ${withSecret().replace('@', ' @')}`,
      `${withSecret()} E_X`,
      `E_X alice:${escaped}@h/q`,
      '{',
    ]
    for (const line of [...lines, JSON.stringify({ event: 'E_X', socket: withSecret(), expire: 'soon' })]) {
      const ended = await evi.run(['subscribe', '--batch', '-'], { input: line, environment: debugging })
      expect({ line, code: ended.code }).toEqual({ line, code: 65 })
      expectSecrecy(ended)
    }
  })

  test('of a dead broker', async () => {
    await evi.run(['subscribe', 'E_X', `rabbitmq:alice:${escaped}@127.0.0.1:${await closedPort()}/q`])
    for (const words of [['raise', 'E_X'], ['check'], ['tail']])
      expectSecrecy(await evi.run(words, { environment: debugging }))
  })

  test('of files that are damaged in the middle of a password', async () => {
    const content = stored.toString()
    const written = JSON.stringify(secret).slice(1, -1)
    expect(content).toContain(written)
    const cut = content.slice(0, content.indexOf(written) + written.length)
    const inSocket = content.replace('rabbitmq:alice@', `rabbitmq:alice:${escaped}@@`)
    for (const damage of [
      cut,
      `${cut}\n`,
      content.replace('"password":', '"password" '),
      inSocket,
      written,
    ]) {
      for (const name of ['subscriptions', 'settings', 'tls-domains'])
        writeFileSync(join(evi.configDirectory, `${name}.json`), damage)
      for (const words of [
        ['list', '--json'],
        ['raise', 'E_X'],
      ]) {
        const ended = await evi.run(words, { environment: debugging })
        expect({ damage, words, code: ended.code }).toEqual({ damage, words, code: 78 })
        expectSecrecy(ended)
      }
    }
  })

  // The executable runs on another runtime, into which nothing can be required.
  test.skipIf(process.env.EVI_PROGRAM).each([
    ['in a command', 'fs.fstatSync = () => { throw crash() }'],
    [
      'between',
      'net.connect = (...words) => { setImmediate(() => { throw crash() }); return connect(...words) }',
    ],
    ['of a promise', 'net.connect = (...words) => { Promise.reject(crash()); return connect(...words) }'],
  ])('of a crash %s that shows all it knows', async (_what, patch) => {
    store()
    const hook = join(evi.configDirectory, 'crash.cjs')
    const crash = "const crash = () => new TypeError('no ' + process.env.KNOWN)"
    writeFileSync(
      hook,
      `const fs = require('fs'); const net = require('net'); const { connect } = net; ${crash}; ${patch}`,
    )
    const known = [withSecret(), `amqp://alice:${escaped}@h`, management(), `alice:${escaped}@h`].join(
      ' and ',
    )
    for (const flags of [[], ['--json']]) {
      const environment = { ...debugging, NODE_OPTIONS: `--require ${hook}`, KNOWN: known }
      const ended = await evi.run(['raise', 'E_X', ...flags], { environment })
      expect(ended.code).toBe(70)
      expect(ended.stdout + ended.stderr).toContain(
        'Something in evi itself went wrong: no rabbitmq:alice:***@',
      )
      expectSecrecy(ended)
    }
  })
})

test('a password is in no file but the store', async () => {
  const environment = { EVI_CACHE_DIR: join(evi.configDirectory, 'cache') }
  const failed = join(evi.configDirectory, 'failed.ndjson')
  await evi.run(['subscribe', 'E_X', withSecret()], { environment })
  await evi.run(['raise', '-', '--socket', withSecret(), '--failed', failed], { environment, input: 'x\n' })
  await evi.run(['check', '--socket', withSecret()], { environment })
  const files = readdirSync(evi.configDirectory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(evi.configDirectory, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('subscriptions.json'))
  expect(files).toContain(failed)
  for (const path of files) {
    for (const form of forms)
      expect({ path, found: readFileSync(path).includes(form) }).toEqual({ path, found: false })
  }
})

describe.runIf(process.platform === 'linux')('a password is in no process title, nor command line', () => {
  const processes = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((id) => {
        try {
          return [readFileSync(`/proc/${id}/cmdline`, 'utf8'), readFileSync(`/proc/${id}/comm`, 'utf8')]
        } catch {
          return []
        }
      })
      .join('\n')

  test('of a subscriber', async () => {
    const watched = socket().replace(queue, 'amq.topic?hush')
    await evi.run(['subscribe', 'E_X', watched, '--password-file', '-'], { input: secret })
    const tail = evi.start(['tail', 'E_X'])
    await tail.said('stderr', /Watching/)
    for (const form of forms) expect(processes()).not.toContain(form)
    expect(await tail.kill('SIGINT')).toMatchObject({ code: 0 })
  })

  // bun shows the words that it was started with, whatever its title is set to.
  test.skipIf(process.env.EVI_PROGRAM)(
    'of one that was given on the command line, once evi runs',
    async () => {
      const tail = evi.start(['tail', '--socket', withSecret().replace(queue, 'amq.topic?hush')])
      await tail.said('stderr', /Watching/)
      for (const form of forms) expect(processes()).not.toContain(form)
      expect(processes()).toContain(
        `evi tail --socket ${socket().replace('alice@', 'alice:***@').replace(queue, 'amq.topic?hush')}`,
      )
      expect(await tail.kill('SIGINT')).toMatchObject({ code: 0 })
    },
  )
})
