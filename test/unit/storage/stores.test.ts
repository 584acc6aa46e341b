import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { withLock } from '#lib/storage/lock.ts'
import { ConfSettingsStore } from '#lib/storage/settings-store.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const now = new Date('2026-11-23T10:00:00Z')
const later = new Date(now.getTime() + 60_000)
const subscription = (socket: string, expire: number | null = null): Subscription => ({
  event: 'E_X',
  socket: parseSocket(socket),
  subscribedAt: now,
  expire,
})
const replace =
  (...next: Subscription[]) =>
  () => ({ next, result: undefined })

describe('the store of subscriptions', () => {
  const odd = [
    subscription(
      'rabbitmq:us%40er:p%3A%2F%40ss%00@h,[::1]:1/exchange=persistent;vhost=%2F%2F;tls_domain=t?a%0Ab',
      60,
    ),
    subscription('rabbitmq:alice:@h/q'),
    subscription('rabbitmq:h/%F0%9F%98%80?'),
    { ...subscription('rabbitmq:h/q'), event: '__proto__' },
  ]

  test('gives back what was put in', async () => {
    await new ConfSubscriptionStore(directory).update(now, replace(...odd))
    expect(new ConfSubscriptionStore(directory).live(now)).toEqual(odd)
  })

  test('of a directory that was removed neither reads nor makes it, where that is an error', async () => {
    const inside = join(directory, 'gone')
    const listener = {
      changing: async () => () => {},
      removed: () => new EviError('damaged', 'It was removed.'),
    }
    const store = new ConfSubscriptionStore(inside, listener)
    expect(() => store.live(now)).toThrow('It was removed.')
    expect(() => store.liveOf('E_X', now)).toThrow('It was removed.')
    await expect(store.update(now, replace(...odd))).rejects.toThrow('It was removed.')
    expect(readdirSync(directory)).toEqual([])
  })

  test('is for its owner only, and its directory too', async () => {
    const inside = join(directory, 'a', 'b')
    await new ConfSubscriptionStore(inside).update(now, replace(...odd))
    expect(statSync(inside).mode & 0o777).toBe(0o700)
    for (const file of readdirSync(inside)) expect(statSync(join(inside, file)).mode & 0o777).toBe(0o600)
  })

  test('shows nothing that is expired, and drops it with the next write', async () => {
    const store = new ConfSubscriptionStore(directory)
    await store.update(
      now,
      replace(subscription('rabbitmq:h/short', 60), subscription('rabbitmq:h/long', 61)),
    )
    expect(store.live(later).map(({ socket }) => socket.routingKey)).toEqual(['long'])
    expect(readFileSync(join(directory, 'subscriptions.json'), 'utf8')).toContain('short')
    await store.update(later, (live) => ({ next: live, result: undefined }))
    expect(readFileSync(join(directory, 'subscriptions.json'), 'utf8')).not.toContain('short')
  })

  test('writes nothing when the change fails', async () => {
    const store = new ConfSubscriptionStore(directory)
    await store.update(now, replace(...odd))
    const fail = () => {
      throw new Error('no')
    }
    await expect(store.update(now, fail)).rejects.toThrow('no')
    expect(store.live(now)).toEqual(odd)
  })

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"version":1}',
    '{"version":2,"subscriptions":[]}',
    '{"version":"1","subscriptions":[]}',
    '{"version":1,"subscriptions":{}}',
    '{"version":1,"subscriptions":[null]}',
    '{"version":1,"subscriptions":[{"event":"E","socket":"rabbitmq:h","subscribedAt":"2026-11-23","expire":null}]}',
    '{"version":1,"subscriptions":[{"event":"E","socket":"rabbitmq:h/q","subscribedAt":"never","expire":null}]}',
    '{"version":1,"subscriptions":[{"event":"E","socket":"rabbitmq:h/q","subscribedAt":"2026-11-23","expire":"1"}]}',
    '{"version":1,"subscriptions":[{"event":"E","socket":"rabbitmq:h/q","password":1,"subscribedAt":"2026-11-23","expire":null}]}',
  ])('that is damaged stays as it is: %s', async (damage) => {
    const file = join(directory, 'subscriptions.json')
    writeFileSync(file, damage)
    const store = new ConfSubscriptionStore(directory)
    const damaged = expect.objectContaining({ code: 'damaged', message: expect.stringContaining(file) })
    expect(() => store.live(now)).toThrow(damaged)
    await expect(store.update(now, replace())).rejects.toThrow(damaged)
    expect(readFileSync(file, 'utf8')).toBe(damage)
  })

  test('that has no place to be written is reported', async () => {
    writeFileSync(join(directory, 'file'), '')
    const store = new ConfSubscriptionStore(join(directory, 'file', 'deeper'))
    await expect(store.update(now, replace())).rejects.toThrow(
      expect.objectContaining({ code: 'cannot-write' }),
    )
  })
})

describe('the store of settings', () => {
  test('keeps each value until it is taken out', async () => {
    const store = new ConfSettingsStore(directory)
    expect(store.read()).toEqual({})
    await store.set('timeout', 9)
    await store.set('sync_mode', 1)
    await store.set('timeout', undefined)
    expect(new ConfSettingsStore(directory).read()).toEqual({ sync_mode: 1 })
  })

  test.each([
    '{"version":1,"settings":{"timeout":0}}',
    '{"version":1,"settings":{"sync_mode":true}}',
    '{"version":1,"settings":1}',
  ])('that makes no sense is damaged: %s', (text) => {
    writeFileSync(join(directory, 'settings.json'), text)
    expect(() => new ConfSettingsStore(directory).read()).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    )
  })
})

describe('the lock', () => {
  const module = fileURLToPath(new URL('../../../src/lib/storage/lock.ts', import.meta.url))

  /** Another process that holds the lock for so many milliseconds, or until it is killed. */
  async function holder(file: string, milliseconds: number) {
    const hold = `const { withLock } = await import(process.argv[1])
      await withLock(process.argv[2], () => {
        console.log('held')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${milliseconds})
      })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', hold, module, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    return child
  }

  test('keeps a writer waiting while another process has it', async () => {
    const file = join(directory, 'x.lock')
    await holder(file, 400)
    const start = performance.now()
    expect(await withLock(file, () => 'mine')).toBe('mine')
    expect(performance.now() - start).toBeGreaterThan(200)
  })

  test('is free at once when its holder is killed', async () => {
    const file = join(directory, 'x.lock')
    const child = await holder(file, 60_000)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const start = performance.now()
    expect(await withLock(file, () => 'mine')).toBe('mine')
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
