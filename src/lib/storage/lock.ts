import { closeSync, constants, openSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { EviError } from '#lib/errors.ts'

/** Milliseconds that a writer waits for others; a write takes a few. */
const lockTimeout = 10_000
/** Milliseconds that SQLite waits in one go; in between evi hears of Ctrl-C. */
const breath = 100
const sqliteBusy = 5

/**
 * Runs `action` while no other process does so under the same lock file. The lock is SQLite's on an empty database:
 * the kernel's own, so it is gone with a killed process and never has to be judged stale.
 *
 * @throws EviError `busy` when another process keeps the lock for more than 10 s, or what `action` throws
 */
export async function withLock<T>(file: string, action: () => T | Promise<T>): Promise<T> {
  // Created here and not by SQLite, for the mode and for Node's own message about a directory that cannot be written.
  const { O_WRONLY, O_CREAT, O_NONBLOCK } = constants
  closeSync(openSync(file, O_WRONLY | O_CREAT | O_NONBLOCK, 0o600))
  const { DatabaseSync } = await loadSqlite()
  const lock = new DatabaseSync(file, { timeout: breath })
  try {
    const deadline = performance.now() + lockTimeout
    while (!acquires(lock, file)) {
      if (performance.now() > deadline) throw busy(file)
      await setImmediate()
    }
    return await action()
  } finally {
    lock.close()
  }
}

function acquires(lock: { exec(sql: string): void }, file: string): boolean {
  try {
    // By default SQLite makes a file for its journal, and a full disk may have no room for it; evi writes nothing through SQLite.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('errcode' in error && error.errcode === sqliteBusy) return false
    throw new EviError('cannot-write', `${file} cannot be locked: ${error.message}.`, {
      hint: 'Nothing was changed. While no evi is running, that file may be removed.',
      cause: error,
    })
  }
}

function busy(file: string): EviError {
  return new EviError('busy', `Others have kept ${file} locked for ${lockTimeout / 1000} seconds.`, {
    hint: 'Nothing was changed. Try again; if it persists, look for a hanging evi: pgrep -af evi',
  })
}

/** Node 22 warns that SQLite is experimental, which would stand in every `evi subscribe`. */
async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
