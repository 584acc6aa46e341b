import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EviError, systemCode } from '#lib/errors.ts'

export const directoryPrefix = 'evi-sandbox-'

/** Bytes. A new node writes 0.2 MB, and blocks its publishers when less than `diskFreeLimit` is left. */
const spaceNeeded = 32 * 1024 * 1024
export const diskFreeLimit = 8 * 1024 * 1024

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a directory',
  EACCES: 'this user may not write to it',
  EPERM: 'this user may not write to it',
  EROFS: 'it is read-only',
  ENOSPC: 'it is full',
  EDQUOT: 'the quota of this user is used up',
  ENAMETOOLONG: 'its path is too long',
}

/**
 * Makes the sandbox's own directory, and fills it by `layOut`; when that fails, the directory is removed again.
 *
 * @throws EviError `cannot-write` with the reason, when the directory for temporary files cannot serve
 */
export function makeDirectory<T>(layOut: (directory: string) => T): T {
  const parent = tmpdir()
  let directory: string | undefined
  try {
    refuseQuotes(parent)
    directory = mkdtempSync(join(resolve(parent), directoryPrefix))
    refuseLackOfSpace(parent, directory)
    return layOut(directory)
  } catch (error) {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    const code = systemCode(error)
    if (error instanceof EviError || code === undefined) throw error
    throw cannotServe(parent, reasons[code] ?? code, error)
  }
}

/** RabbitMQ hands its paths to a shell between single quotes, and to Erlang between double ones. */
function refuseQuotes(parent: string): void {
  const quote = /['"]/.exec(parent)?.[0]
  if (quote !== undefined) throw cannotServe(parent, `RabbitMQ does not start where a path contains ${quote}`)
}

function refuseLackOfSpace(parent: string, directory: string): void {
  const { bavail, bsize } = statfsSync(directory)
  const free = bavail * bsize
  if (free >= spaceNeeded) return
  throw cannotServe(parent, `it has ${megabytes(free)} of free space, ${megabytes(spaceNeeded)} are needed`)
}

function cannotServe(parent: string, reason: string, cause?: unknown): EviError {
  return new EviError(
    'cannot-write',
    `A sandbox cannot have its files in ${JSON.stringify(parent)}: ${reason}.`,
    { hint: 'Name another directory for temporary files: TMPDIR=/var/tmp evi sandbox', cause },
  )
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MB`
}
