import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, inject, test, vi } from 'vitest'
import { Client } from '../../helpers/brokers/client.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const { host, port } = inject('sandbox')
const at = (key: string) => `rabbitmq:guest:guest@${host}:${port}/${key}`

useEvi()

const run = async (...words: string[]) => await evi.run(words)
const inContext = (name: string) => ({ environment: { EVI_CONTEXT: name } })
const path = (...parts: string[]) => join(evi.configDirectory, ...parts)
const events = async (...words: string[]) => {
  const { subscriptions } = await evi.json<{ subscriptions: { event: string }[] }>('list', ...words)
  return subscriptions.map(({ event }) => event)
}

describe('a context', () => {
  test('has its own subscriptions, settings and TLS domains, and leaves those of the default one alone', async () => {
    await run('subscribe', 'E_DEFAULT', 'rabbitmq:h/q')
    await run('context', 'create', 'staging')
    const here = ['--context', 'staging']
    await run('subscribe', 'E_STAGING', 'rabbitmq:h/q', ...here)
    await run('settings', 'sync_mode', '1', ...here)
    await run('tls-domain', 'set', 'office', ...here)
    expect(await events()).toEqual(['E_DEFAULT'])
    expect(await events(...here)).toEqual(['E_STAGING'])
    expect((await run('settings')).stdout).toMatch(/sync_mode +0 +default/)
    expect((await run('settings', ...here)).stdout).toMatch(/sync_mode +1 +settings/)
    expect((await run('tls-domain', 'list')).stderr).toContain('no TLS domains')
    expect((await run('tls-domain', 'list', ...here)).stdout).toContain('office')
  })

  test('is named by the flag before the variable, by that before what is in use', async () => {
    for (const name of ['one', 'two', 'three']) {
      await run('context', 'create', name)
      await run('subscribe', `E_${name}`, 'rabbitmq:h/q', '--context', name)
    }
    expect(await run('context', 'use', 'one')).toMatchObject({ code: 0 })
    expect(await events()).toEqual(['E_one'])
    expect((await evi.run(['list'], inContext('two'))).stdout).toContain('E_two')
    expect((await evi.run(['list', '--context', 'three'], inContext('two'))).stdout).toContain('E_three')
    expect((await evi.run(['context', 'show'], inContext('two'))).stdout).toMatch(
      /^context +two by EVI_CONTEXT\n/,
    )
    expect((await evi.run(['context', 'use', 'one'], inContext('two'))).stdout).toMatch(
      /EVI_CONTEXT=two goes before/,
    )
    await run('context', 'use', 'default')
    expect(await events()).toEqual([])
    expect(await evi.run(['list'], inContext(''))).toMatchObject({ code: 0 })
  })

  test('may be named before the command', async () => {
    await run('context', 'create', 'staging')
    await run('--context', 'staging', 'subscribe', 'E_STAGING', 'rabbitmq:h/q')
    expect(await events('--context', 'staging')).toEqual(['E_STAGING'])
    expect((await run('--context=staging', 'list')).stdout).toContain('E_STAGING')
  })

  test('is that of the commands which its command starts', async () => {
    await run('context', 'create', 'staging')
    const { stdout } = await run('sandbox', '--context', 'staging', '--', 'printenv', 'EVI_CONTEXT')
    expect(stdout).toBe('staging\n')
  }, 120_000)

  test('that does not exist is refused by every way to name it, with the nearest name', async () => {
    await run('context', 'create', 'staging')
    for (const ended of [
      await run('list', '--context', 'stagign'),
      await evi.run(['list'], inContext('stagign')),
    ])
      expect(ended).toMatchObject({
        code: 64,
        stdout: '',
        stderr: expect.stringMatching(/^evi: There is no context stagign\.\n {2}Did you mean staging\?\n/),
      })
    for (const words of [
      ['use', 'stagign'],
      ['remove', 'stagign'],
      ['copy', 'stagign', 'new'],
    ])
      expect(await run('context', ...words)).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('staging?'),
      })
    expect(readdirSync(path('contexts'))).toEqual(['staging'])
  })

  test.each(['../out', '..', '.', '/tmp/x', 'a/b', '', '.draft-x', '\u001b[2J', 'x'.repeat(65)])(
    'cannot be called %j',
    async (name) => {
      for (const words of [['create'], ['use'], ['remove'], ['copy', 'default']]) {
        const ended = await run('context', ...words, name)
        expect(ended).toMatchObject({
          code: 64,
          stderr: expect.stringMatching(/cannot be the name of a context/),
        })
        expect(ended.stderr).not.toContain('\u001b')
      }
      expect(await run('subscribe', 'E_X', 'rabbitmq:h/q', '--context', name)).toMatchObject({ code: 64 })
    },
  )
})

describe('evi context copy', () => {
  test('copies all that a context has, for its owner only, and never onto one that is there', async () => {
    await run('subscribe', 'E_X', 'rabbitmq:alice:secret@h/q')
    await run('settings', 'timeout', '9000')
    await run('tls-domain', 'set', 'office')
    expect(await run('context', 'copy', 'default', 'staging')).toMatchObject({ code: 0 })
    for (const name of ['subscriptions', 'settings', 'tls-domains']) {
      expect(readFileSync(path('contexts/staging', `${name}.json`))).toEqual(
        readFileSync(path(`${name}.json`)),
      )
      expect(statSync(path('contexts/staging', `${name}.json`)).mode & 0o777).toBe(0o600)
    }
    expect(statSync(path('contexts/staging')).mode & 0o777).toBe(0o700)
    for (const to of ['staging', 'default'])
      expect(await run('context', 'copy', 'default', to)).toMatchObject({
        code: 64,
        stderr: expect.stringContaining(`There is already a context ${to}.`),
      })
  })

  test('of a damaged context makes none', async () => {
    writeFileSync(path('subscriptions.json'), '{')
    expect(await run('context', 'copy', 'default', 'staging')).toMatchObject({ code: 78 })
    expect((await evi.json<{ contexts: unknown }>('context', 'list')).contexts).toEqual([
      { name: 'default', current: true, subscriptions: null },
    ])
  })
})

describe('evi context remove', () => {
  test('asks on a terminal, and wants --yes elsewhere, where the context has subscriptions', async () => {
    await run('context', 'create', 'empty')
    expect(await run('context', 'remove', 'empty')).toMatchObject({ code: 0 })
    await run('context', 'create', 'full')
    await run('subscribe', 'E_X', 'rabbitmq:h/q', '--context', 'full')
    expect(await run('context', 'remove', 'full')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('evi context remove full --yes'),
    })
    await using terminal = new Terminal(evi, ['context', 'remove', 'full'])
    await terminal.shows('Remove the context full with 1 subscription?')
    terminal.type('n', keys.enter)
    expect(await terminal.ended()).toBe(130)
    expect(await run('context', 'remove', 'full', '--yes')).toMatchObject({ code: 0 })
    expect(readdirSync(path('contexts'))).toEqual([])
  })

  test('removes each context once, whatever others make and remove at the same time', async () => {
    const numbers = Array.from({ length: 12 }, (_, number) => number)
    await Promise.all(numbers.map((number) => run('context', 'create', `old${number}`)))
    const ended = await Promise.all(
      numbers.flatMap((number) => [
        run('context', 'remove', `old${number}`),
        run('context', 'create', `new${number}`),
      ]),
    )
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0))
    expect(readdirSync(path('contexts')).sort()).toEqual(numbers.map((number) => `new${number}`).sort())
    const twice = await Promise.all([1, 2].map(() => run('context', 'remove', 'new0')))
    expect(twice.map(({ code }) => code).sort()).toEqual([0, 4])
  })

  test('refuses the default context and the one in use', async () => {
    await run('context', 'create', 'staging')
    await run('context', 'use', 'staging')
    expect(await run('context', 'remove', 'staging')).toMatchObject({ code: 64 })
    expect(await run('context', 'remove', 'default')).toMatchObject({ code: 64 })
  })

  test('waits for a writer, whose change does not bring the context back', async () => {
    await run('context', 'create', 'staging')
    const lock = path('contexts/staging/subscriptions.lock')
    writeFileSync(lock, '')
    const held = new DatabaseSync(lock)
    held.exec('BEGIN EXCLUSIVE')
    const writer = evi.start(['subscribe', 'E_X', 'rabbitmq:h/q', '--context', 'staging'])
    const remover = evi.start(['context', 'remove', 'staging', '--yes'])
    held.close()
    const [written, removed] = await Promise.all([writer.ended, remover.ended])
    // In either order, the context is gone at the end.
    expect([0, 64, 78]).toContain(written.code)
    expect(removed.code).toBe(0)
    expect(readdirSync(path('contexts'))).toEqual([])
  })
})

describe('a context that is removed while in use', () => {
  test('is named by every command that it was chosen for, until another one is', async () => {
    await run('context', 'create', 'staging')
    await run('context', 'use', 'staging')
    rmSync(path('contexts/staging'), { recursive: true })
    for (const words of [
      ['list'],
      ['raise', 'E_X'],
      ['subscribe', 'E_X', 'rabbitmq:h/q'],
      ['context', 'show'],
    ])
      expect(await run(...words)).toMatchObject({
        code: 78,
        stdout: '',
        stderr: expect.stringMatching(/^evi: The context staging was removed\.\n/),
      })
    expect(await run('context', 'list')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('default'),
    })
    expect(await run('context', 'use', 'default')).toMatchObject({ code: 0 })
    expect(await run('list')).toMatchObject({ code: 0 })
  })

  test('leaves a stream its subscribers, and takes no change any more', async () => {
    const client = await Client.connect()
    const queue = await client.queue()
    await run('context', 'create', 'staging')
    await run('subscribe', 'E_X', at(queue), '--context', 'staging')
    const stream = evi.start(['raise', '-', '--context', 'staging', '--json'], { open: true })
    const seen = await client.work(queue)
    const line = '{"jsonrpc":"2.0","method":"E_X"}'
    stream.write(`${line}\n`)
    await vi.waitUntil(() => seen.length === 1, { timeout: 30_000 })
    expect(await run('context', 'remove', 'staging', '--yes')).toMatchObject({ code: 0 })
    stream.write(`${line}\n`)
    stream.endInput()
    expect((await stream.ended).code).toBe(0)
    await vi.waitUntil(() => seen.length === 2, { timeout: 30_000 })
    await client.close()
    expect(readdirSync(path('contexts'))).toEqual([])
  })
})

test('a terminal shows which context an event is raised in, and nothing of the default one', async () => {
  const client = await Client.connect()
  const queue = await client.queue()
  await client.close()
  await run('context', 'create', 'production')
  for (const context of ['default', 'production'])
    await run('subscribe', 'E_X', at(queue), '--context', context)
  await using named = new Terminal(evi, ['raise', 'E_X', '--context', 'production'])
  await named.shows('Context: production')
  expect(await named.ended()).toBe(0)
  await using unnamed = new Terminal(evi, ['raise', 'E_X'])
  expect(await unnamed.ended()).toBe(0)
  expect(unnamed.text).not.toContain('Context')
  expect((await run('raise', 'E_X', '--context', 'production')).stderr).not.toContain('Context')
})
