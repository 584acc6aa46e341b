import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'

export interface RegularFile {
  readonly bytes: Buffer
  readonly stats: Stats
}

/**
 * Reads a regular file, or a link to one, as a whole. Does not wait for the writer of a pipe with a name.
 *
 * @throws Node's system errors, and for another kind of file an error whose `code` says which
 */
export function readRegularFile(path: string): RegularFile {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw notRegular(stats)
    return { bytes: readFileSync(file), stats }
  } finally {
    closeSync(file)
  }
}

/** The error for what is no regular file. */
export function notRegular(stats: Stats): Error {
  const code = stats.isDirectory() ? 'EISDIR' : `it is ${kindOf(stats)}, not a regular file`
  return Object.assign(new Error(code), { code })
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a named pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}

/** Whether there is a regular file, or a link to one. */
export function isRegularFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
