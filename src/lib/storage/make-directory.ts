import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '#lib/errors.ts'
import { flushDirectory } from './replace-file.ts'

/** Makes a directory for its owner only, and those it is in. @throws Node's system errors */
export function makeDirectory(path: string): void {
  // Not `recursive`, which never returns for a directory below /proc (Node.js 22 to 26).
  if (existsSync(path)) return
  const parent = dirname(path)
  makeDirectory(parent)
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    // Another evi was quicker.
    if (systemCode(error) === 'EEXIST') return
    throw error
  }
  flushDirectory(parent)
}
