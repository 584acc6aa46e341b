import { closeSync, openSync } from 'node:fs'
import { EviError } from '../errors.ts'

/** How long a writer waits for another one, in milliseconds; a write takes a few. */
const patience = 10_000
const sqliteBusy = 5

/**
 * Runs `action` while no other process does so under the same lock file. The lock is SQLite's on an empty database:
 * the kernel's own, so it is gone with a killed process and never has to be judged stale.
 *
 * @throws EviError `busy` when another process keeps the lock for more than 10 s, or what `action` throws
 */
export async function withLock<T>(file: string, action: () => T): Promise<T> {
  // Created here and not by SQLite, for the mode and for Node's own words on a directory that cannot be written.
  closeSync(openSync(file, 'a', 0o600))
  const { DatabaseSync } = await loadSqlite()
  const lock = new DatabaseSync(file, { timeout: patience })
  try {
    acquire(lock, file)
    return action()
  } finally {
    lock.close()
  }
}

function acquire(lock: { exec(sql: string): void }, file: string): void {
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new EviError('busy', `Another process has held ${file} for ${patience / 1000} seconds.`, {
      hint: 'Try again; if it persists, look for a hanging evi: pgrep -af evi',
      cause: error,
    })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
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
