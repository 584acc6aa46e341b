import { constants, createReadStream, fstatSync, openSync, type Stats, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

const standardInput = 0
/** In the place of a file's number. */
const unopened = -1

export interface OpenInput {
  readonly file: number
  readonly stats: Stats
  readonly stream: Readable
}

/** Opens a file, or standard input where the name is `-`. Throws Node's errors. */
export function openInput(name: string): OpenInput {
  if (name === '-') return openStandardInput()
  const stats = statSync(name)
  if (stats.isFIFO()) return openPipe(name, stats)
  const file = openSync(name, 'r')
  return withStats(file, createReadStream('', { fd: file }))
}

/** Node reads a directory there as nothing at all, which would be no lines and no failure. */
function openStandardInput(): OpenInput {
  if (fstatSync(standardInput).isDirectory())
    throw Object.assign(new Error('Standard input is a directory.'), { code: 'EISDIR' })
  return withStats(standardInput, process.stdin)
}

/**
 * A pipe with a name waits for its writer and for each of its bytes. Read as a file, Node would wait for them even
 * after Ctrl-C; bun does not, once the waiting for the writer is its own, too, and cannot read it in Node's way.
 */
function openPipe(name: string, stats: Stats): OpenInput {
  if (process.versions.bun) return { file: unopened, stats, stream: createReadStream(name) }
  const file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  return withStats(file, new Socket({ fd: file, readable: true, writable: false }))
}

function withStats(file: number, stream: Readable): OpenInput {
  return { file, stats: fstatSync(file), stream }
}
