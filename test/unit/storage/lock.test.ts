import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { withLock } from '#lib/storage/lock.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'

const module = fileURLToPath(new URL('../../../src/lib/storage/lock.ts', import.meta.url))
const now = new Date('2026-11-23T10:00:00Z')

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
  file = join(directory, 'x.lock')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

/** Another process that holds the lock until its stdin ends, and says "done" in a file before it lets go. */
async function holder(done: string) {
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs'
    const [module, lock, done] = process.argv.slice(1)
    const { withLock } = await import(module)
    await withLock(lock, () => {
      console.log('held')
      readFileSync(0)
      writeFileSync(done, 'done')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, module, file, done], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a writer waits, hears of other things in between, and goes on when the other process is done', async () => {
  const done = join(directory, 'done')
  const child = await holder(done)
  let acquired = false
  const writing = withLock(file, () => {
    acquired = true
    return readFileSync(done, 'utf8')
  })
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  expect(acquired).toBe(false)
  child.stdin.end()
  expect(await writing).toBe('done')
})

test('a writer that waits in vain gives up after 10 s, naming the lock', async () => {
  using other = new DatabaseSync(file)
  other.exec('BEGIN EXCLUSIVE')
  const start = performance.now()
  vi.spyOn(performance, 'now')
    .mockReturnValueOnce(start)
    .mockReturnValue(start + 10_001)
  await expect(withLock(file, () => 'never')).rejects.toMatchObject({
    code: 'busy',
    exit: 75,
    message: `Others have kept ${file} locked for 10 seconds.`,
  })
})

test('what fails under the lock gives it back', async () => {
  const fail = () => {
    throw new Error('no')
  }
  await expect(withLock(file, fail)).rejects.toThrow('no')
  expect(await withLock(file, () => 'mine')).toBe('mine')
})

test('the lock is for its owner only', async () => {
  await withLock(file, () => undefined)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('none of many changes at once is lost', async () => {
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
  await Promise.all(
    keys.map(async (key) => {
      const added = {
        event: 'E_X',
        socket: parseSocket(`rabbitmq:h/${key}`),
        subscribedAt: now,
        expire: null,
      }
      const store = new ConfSubscriptionStore(directory)
      await store.update(now, (live) => ({ next: [...live, added], result: undefined }))
    }),
  )
  const stored = new ConfSubscriptionStore(directory).live(now).map(({ socket }) => socket.routingKey)
  expect(stored.toSorted()).toEqual(keys.toSorted())
})
