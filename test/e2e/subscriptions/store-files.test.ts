import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, path, subscribed } from '../../helpers/evi/stored.ts'

useEvi()

describe('a store that others can read', () => {
  test('is reported at each read, on stderr, and left as it is, whatever the command', async () => {
    await evi.run(subscribed('q'))
    const store = path('subscriptions.json')
    const socket = `rabbitmq:127.0.0.1:${await closedPort()}/q`
    for (const words of [
      ['list', '--json'],
      ['raise', 'E_Y'],
      ['check', 'E_Y', '--json'],
      ['subscribe', 'E_Y', socket],
    ]) {
      chmodSync(store, 0o644)
      const { stdout, stderr } = await evi.run(words)
      expect(stderr).toContain(
        `Others can read the passwords in ${store} (mode 644).\n  If that is not on purpose: chmod 600 ${store}\n`,
      )
      if (words.includes('--json')) JSON.parse(stdout)
      expect(statSync(store).mode & 0o777).toBe(0o644)
    }
  })

  test.runIf(process.getuid?.() === 0)('keeps its group and mode when root rewrites it', async () => {
    await evi.run(subscribed('first'))
    const store = path('subscriptions.json')
    chownSync(store, 0, 65534)
    chmodSync(store, 0o640)
    expect((await evi.run(['list'])).stderr).toContain('mode 640')
    await evi.run(subscribed('second'))
    const { uid, gid, mode } = statSync(store)
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 65534, mode: 0o640 })
  })
})

describe('what is no regular file', () => {
  const kinds = [
    ['a named pipe', (file: string) => execFileSync('mkfifo', [file])],
    [
      'a link to a named pipe',
      (file: string) => execFileSync('sh', ['-c', `mkfifo ${file}.pipe; ln -s ${file}.pipe ${file}`]),
    ],
    ['a link to a device', (file: string) => symlinkSync('/dev/zero', file)],
    ['a directory', (file: string) => mkdirSync(file)],
  ] as const

  test.each(kinds)('%s in the place of a store is exit code 78', async (_, make) => {
    for (const name of ['subscriptions', 'settings', 'tls-domains']) make(path(`${name}.json`))
    const before = statSync('/dev/zero').mode
    for (const words of [['list'], subscribed('q'), ['settings'], ['tls-domain', 'list']]) {
      const { code, stderr } = await evi.run(words)
      expect({ words, code, stderr }).toEqual({
        words,
        code: 78,
        stderr: expect.stringContaining('cannot be read (it is a'),
      })
    }
    expect(statSync('/dev/zero').mode).toBe(before)
  })

  test.each(kinds.slice(2))('%s as an input file is exit code 66', async (_, make) => {
    const file = path('input')
    make(file)
    for (const words of [
      ['subscribe', '--batch', file],
      ['raise', 'E_X', '--batch', file, '--socket', 'rabbitmq:h/q'],
      ['raise', 'E_X', '--params', `@${file}`],
      ['tls-domain', 'set', 'office', '--ca', file],
      ['subscribe', 'E_X', 'rabbitmq:guest@h/q', '--password-file', file],
    ])
      expect({ words, code: (await evi.run(words)).code }).toEqual({ words, code: 66 })
  })

  test('a named pipe without a reader cannot take failed lines, exit code 74', async () => {
    execFileSync('mkfifo', [path('pipe')])
    const { code } = await evi.run(['raise', '-', '--failed', path('pipe')], { input: '' })
    expect(code).toBe(74)
  })
})

describe('a directory that cannot be written is exit code 74', () => {
  test.each([
    ['below a file', 'file/x'],
    ['that no one can make', '/proc/evi/deeper'],
    ['of the kernel', '/sys/evi'],
  ])('%s', async (_what, place) => {
    writeFileSync(path('file'), '')
    const directory = place.startsWith('/') ? place : path(place)
    for (const words of [subscribed('q'), ['settings', 'timeout', '9'], ['tls-domain', 'set', 'office']]) {
      const { code, stderr } = await evi.run(words, { environment: { EVI_CONFIG_DIR: directory } })
      expect({ words, code, stderr }).toEqual({
        words,
        code: 74,
        stderr: expect.stringMatching(/^evi: .* cannot be written: [a-z -]+\.\n {2}Nothing was changed\./),
      })
    }
  })
})

describe('a store with a wrong bit', () => {
  const flipped = async (name: string, from: string, to: string) => {
    const content = readFileSync(path(name), 'utf8')
    expect(content).toContain(from)
    writeFileSync(path(name), content.replace(from, to))
  }
  const notice = (name: string) =>
    `${path(name)} is not as evi wrote it: its checksum does not fit.\n` +
    '  If that is on purpose, take "checksum" out of its first line; if not, put back a copy of it.\n'

  test('in a routing key is listed with a word about it, and raised to with one', async () => {
    await evi.run(subscribed('pike'))
    await flipped('subscriptions.json', 'pike', 'pije')
    const { code, stdout, stderr } = await evi.run(['list', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: notice('subscriptions.json') })
    expect(stdout).toContain('pije')
    const raised = await evi.run(['raise', 'E_X', '--dry-run'])
    expect(raised.stderr).toContain(notice('subscriptions.json'))
  })

  test('in a setting is reported', async () => {
    await evi.run(['settings', 'timeout', '6000'])
    await flipped('settings.json', '6000', '2000')
    const { stderr } = await evi.run(['settings', '--json'])
    expect(stderr).toBe(notice('settings.json'))
  })

  test('is reported with --quiet and exit code 0, too', async () => {
    const client = await Client.connect()
    try {
      await evi.run(['subscribe', 'E_X', `${brokerAddress}/${await client.queue()}`])
      await flipped('subscriptions.json', '"subscribedAt":"2', '"subscribedAt":"3')
      const { code, stderr } = await evi.run(['raise', 'E_X', '--quiet'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: notice('subscriptions.json') })
    } finally {
      await client.close()
    }
  })

  test('that was edited by hand, without its checksum, is taken as it is', async () => {
    await evi.run(subscribed('pike'))
    const content = readFileSync(path('subscriptions.json'), 'utf8')
    writeFileSync(path('subscriptions.json'), content.replace(/"checksum":\d+,/, '').replace('pike', 'hand'))
    const { code, stderr } = await evi.run(['list', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await keys()).toEqual(['hand'])
  })
})
