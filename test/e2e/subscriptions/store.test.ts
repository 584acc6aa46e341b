import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '#lib/exit-codes.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import type { Ended } from '../../helpers/evi/evi.ts'
import { FileCalls } from '../../helpers/evi/file-calls.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { program } from '../../helpers/evi/program.ts'
import { keys, path, subscribed } from '../../helpers/evi/stored.ts'

useEvi()

const drafts = () => readdirSync(evi.configDirectory).filter((name) => name.includes('.draft.'))

/** On a machine with much else to do, so many writers may take longer than one waits, which it says. */
async function runWhenFree(words: readonly string[]): Promise<Ended> {
  const ended = await evi.run(words)
  return ended.code === exitCodes.busy ? await runWhenFree(words) : ended
}

describe('many writers at once', () => {
  test('lose nothing of what 50 of them subscribe and unsubscribe', async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => number)
    const odd = numbers.filter((number) => number % 2 === 1)
    const all = (run: (number: number) => string[], of = numbers) =>
      Promise.all(of.map((number) => runWhenFree(run(number))))

    const first = await all((number) => ['subscribe', `E_${number % 3}`, `rabbitmq:h/q${number}`])
    expect(first.map(({ code }) => code)).toEqual(numbers.map(() => 0))
    expect((await keys()).sort()).toEqual(numbers.map((number) => `q${number}`).sort())

    const mixed = await Promise.all([
      all((number) => ['unsubscribe', `E_${number % 3}`, `rabbitmq:h/q${number}`], odd),
      all((number) => ['subscribe', 'E_NEW', `rabbitmq:h/n${number}`], odd),
    ])
    expect(mixed.flat().every(({ code }) => code === 0)).toBe(true)
    const even = numbers.filter((number) => number % 2 === 0).map((number) => `q${number}`)
    expect((await keys()).sort()).toEqual([...even, ...odd.map((number) => `n${number}`)].sort())
  })

  test('that are killed in the middle of a write lose nothing of the others, and leave nothing behind', async () => {
    await evi.run(subscribed('first'))
    const writers = Array.from({ length: 24 }, (_, number) => ({
      key: `q${number}`,
      running: evi.start(subscribed(`q${number}`)),
    }))
    // Each time a draft comes or goes, one more of every second writer is killed.
    const victims = writers.filter((_, index) => index % 2 === 1)
    const watcher = watch(evi.configDirectory, (_, name) => {
      if (name?.includes('.draft.')) victims.pop()?.running.send('SIGKILL')
    })
    const ends = await Promise.all(writers.map(({ running }) => running.ended))
    watcher.close()
    const others = ends.filter(({ code }) => code !== 0 && code !== null && code !== exitCodes.busy)
    expect(others).toEqual([])
    expect(ends.filter(({ code }) => code === null).length).toBeGreaterThan(0)
    const there = await keys()
    for (const [index, { code }] of ends.entries()) {
      if (code === 0) expect(there).toContain(writers[index]?.key)
    }
    expect(await evi.run(subscribed('last'))).toMatchObject({ code: 0 })
    expect(await keys()).toEqual([...there, 'last'])
    expect(drafts()).toEqual([])
  })
})

describe('a write is whole, or is not at all', () => {
  /** More than a kilobyte. */
  const filled = async () => {
    const lines = Array.from(
      { length: 20 },
      (_, number) => `E_${number} rabbitmq:user:secret@h/queue_${number}\n`,
    )
    expect(await evi.run(['subscribe', '--batch', '-'], { input: lines.join('') })).toMatchObject({ code: 0 })
    return readFileSync(path('subscriptions.json'))
  }

  test.each([0, 1])(
    'where the disk takes %i kB of it: exit code 74, and the store is as it was',
    async (kilobytes) => {
      const before = await filled()
      const { code, stderr } = await evi.shell(`ulimit -f ${kilobytes}; evi subscribe E_X rabbitmq:h/q`)
      expect({ code, stderr }).toEqual({
        code: 74,
        stderr: expect.stringMatching(
          /subscriptions\.json cannot be written: the file may not grow .*\.\n {2}Nothing was changed\./,
        ),
      })
      expect(readFileSync(path('subscriptions.json'))).toEqual(before)
      expect(drafts()).toEqual([])
      expect(await evi.run(subscribed('q'))).toMatchObject({ code: 0 })
    },
  )

  test('where a snap runs it, too', async () => {
    const before = await filled()
    const { code } = await evi.shell('export SNAP=1; ulimit -f 1; evi subscribe E_X rabbitmq:h/q')
    expect(code).toBe(74)
    expect(readFileSync(path('subscriptions.json'))).toEqual(before)
  })

  test('what a killed writer left, passwords in it, goes with the next write', async () => {
    for (const name of ['subscriptions.draft.json', 'subscriptions.draft.json.tmp-1234567890abcdef'])
      writeFileSync(path(name), '{"version":1,"checks')
    expect(await evi.run(subscribed('q'))).toMatchObject({ code: 0 })
    expect(readdirSync(evi.configDirectory).sort()).toEqual(['subscriptions.json', 'subscriptions.lock'])
    expect(await keys()).toEqual(['q'])
  })

  test('a store that is a link to another place stays one', async () => {
    await evi.run(subscribed('first'))
    renameSync(path('subscriptions.json'), path('elsewhere.json'))
    symlinkSync('elsewhere.json', path('subscriptions.json'))
    await evi.run(subscribed('second'))
    expect(lstatSync(path('subscriptions.json')).isSymbolicLink()).toBe(true)
    expect(readFileSync(path('elsewhere.json'), 'utf8')).toContain('second')
    expect(await keys()).toEqual(['first', 'second'])
  })

  test.runIf(process.getuid?.() === 0)("a user's store stays the user's when root writes it", async () => {
    await evi.run(subscribed('first'))
    chownSync(path('subscriptions.json'), 65534, 65534)
    await evi.run(subscribed('second'))
    const { uid, gid, mode } = statSync(path('subscriptions.json'))
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 65534, gid: 65534, mode: 0o600 })
  })

  // The executable runs on another runtime, which takes no hooks of Node's.
  test.skipIf(process.env.EVI_PROGRAM)(
    'for its owner only from its first byte, whatever the umask, and on the disk before evi says so',
    async () => {
      const calls = new FileCalls(evi.configDirectory)
      const environment = Object.entries(calls.environment).map(([name, value]) => `${name}='${value}'`)
      const { code } = await evi.shell(
        `umask 000; export ${environment.join(' ')} EVI_CONFIG_DIR="$EVI_CONFIG_DIR/new/deep"; evi subscribe E_X rabbitmq:h/q`,
      )
      expect(code).toBe(0)
      const temporary = /draft\.json\.tmp-\w+/g
      expect(
        calls.of(`${evi.configDirectory}/`).map((call) => call.replace(temporary, 'draft.json.tmp')),
      ).toEqual([
        'mkdir new 700',
        'mkdir new/deep 700',
        'fsync new',
        'create new/deep/subscriptions.lock 600',
        'create new/deep/subscriptions.draft.json.tmp 600',
        'fsync new/deep/subscriptions.draft.json.tmp',
        'rename new/deep/subscriptions.draft.json.tmp new/deep/subscriptions.draft.json',
        'fsync new/deep/subscriptions.draft.json',
        'rename new/deep/subscriptions.draft.json new/deep/subscriptions.json',
        'fsync new/deep',
      ])
    },
  )

  test('all of its files are for their owner only, whatever the umask', async () => {
    await evi.shell(
      `umask 000; export EVI_CONFIG_DIR="$EVI_CONFIG_DIR/new"
      evi subscribe E_X rabbitmq:h/q; evi settings timeout 9; evi tls-domain set office`,
    )
    const mode = (name: string) => statSync(join(path('new'), name)).mode & 0o777
    const files = readdirSync(path('new'))
    expect(files).toHaveLength(6)
    expect([mode('.'), ...files.map(mode)]).toEqual([0o700, ...files.map(() => 0o600)])
  })
})

describe('a lock', () => {
  const hold = () =>
    evi.startShell(`exec "${process.execPath}" -e '
      const { DatabaseSync } = require("node:sqlite")
      const lock = new DatabaseSync(process.env.EVI_CONFIG_DIR + "/subscriptions.lock")
      lock.exec("BEGIN EXCLUSIVE")
      console.log("held")
      setInterval(() => lock.isOpen, 60_000)'`)

  test('that a living process holds is waited for, and given up after 10 s with exit code 75', async () => {
    const holder = hold()
    await holder.said('stdout', /held/)
    const { code, stderr, ms } = await evi.run(subscribed('late'))
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringMatching(
        /subscriptions\.lock locked for 10 seconds\.\n {2}Nothing was changed\. Try again;/,
      ),
    })
    expect(ms).toBeGreaterThan(10_000)
    expect(await keys()).toEqual([])
    const patient = evi.start(subscribed('patient'))
    await holder.kill('SIGKILL')
    expect(await patient.ended).toMatchObject({ code: 0 })
    expect(await keys()).toEqual(['patient'])
  })

  test('of a dead process, its files left behind, is free', async () => {
    await evi.run(subscribed('first'))
    const holder = hold()
    await holder.said('stdout', /held/)
    await holder.kill('SIGKILL')
    expect(existsSync(path('subscriptions.lock'))).toBe(true)
    const { code, ms } = await evi.run(subscribed('second'))
    expect(code).toBe(0)
    expect(ms).toBeLessThan(9000)
  })

  test('whose file is none is reported as such', async () => {
    writeFileSync(path('subscriptions.lock'), 'x'.repeat(1000))
    expect(await evi.run(subscribed('q'))).toMatchObject({
      code: 74,
      stderr: expect.stringMatching(
        /subscriptions\.lock cannot be locked: file is not a database\.\n {2}Nothing was/,
      ),
    })
  })
})

describe('exit code 0 means that the change is in the store, another one that it is not', () => {
  test.each(['2>/dev/full', '2>&-', '--json >/dev/full', '--json >&-'])(
    'where what evi says of it cannot be written: %s',
    async (redirection) => {
      const { code } = await evi.shell(`evi ${subscribed('q').join(' ')} ${redirection}`)
      expect({ code, keys: await keys() }).toEqual({ code: 0, keys: ['q'] })
    },
  )

  test('with words for the output that is missing', async () => {
    const { code, stderr } = await evi.shell(`evi settings timeout 9 >/dev/full`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'evi: The output cannot be written: ENOSPC.\n' })
    expect(await evi.json('settings', 'timeout')).toMatchObject({
      settings: [{ value: 9, from: 'settings' }],
    })
  })

  test('without a reader of how it is checked', async () => {
    const socket = `rabbitmq:127.0.0.1:${await closedPort()}/q`
    const { stdout } = await evi.shell(`
      { evi subscribe E_X ${socket} --check 2>&1; echo $? >"$EVI_CONFIG_DIR/code"; } | true
      cat "$EVI_CONFIG_DIR/code"`)
    expect({ code: stdout, keys: await keys() }).toEqual({ code: '69\n', keys: [] })
  })

  test('where Ctrl-C comes after the change', async () => {
    const lines = Array.from(
      { length: 1000 },
      (_, number) => `E_X rabbitmq:h/a_queue_with_a_long_name_${number}\n`,
    )
    await evi.run(['subscribe', '--batch', '-'], { input: lines.join('') })
    // More than a pipe holds, so evi cannot end before it is read.
    const [first, ...others] = [...program, 'unsubscribe', 'E_X', '--all', '--json']
    const unsubscribe = spawn(first as string, others, {
      env: { PATH: process.env.PATH, EVI_CONFIG_DIR: evi.configDirectory },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await expect.poll(keys).toEqual([])
      unsubscribe.kill('SIGINT')
      const [said, [code]] = await Promise.all([text(unsubscribe.stdout), once(unsubscribe, 'exit')])
      expect({ code, removed: JSON.parse(said).removed.length }).toEqual({ code: 0, removed: 1000 })
    } finally {
      unsubscribe.kill('SIGKILL')
    }
  })

  test('where another store is damaged', async () => {
    await evi.run(['tls-domain', 'set', 'office'])
    writeFileSync(path('subscriptions.json'), '{')
    expect(await evi.run(['tls-domain', 'remove', 'office'])).toMatchObject({ code: 78 })
    expect(await evi.json('tls-domain', 'list')).toMatchObject({ domains: [{ name: 'office' }] })
  })
})
