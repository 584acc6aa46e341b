import { constants, createReadStream, fstatSync, open, openSync, type Stats, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { PolledPipe } from './polled-pipe.ts'
import { notRegular } from './regular-file.ts'

const standardInput = 0
/** In the place of a file's number. */
const unopened = -1

export interface OpenInput {
  readonly file: number
  readonly stats: Stats
  readonly stream: Readable
  /** A descriptor of a pipe that does not block, undefined where there is none. */
  readonly nonBlocking: () => number | undefined
}

/**
 * Opens a regular file, a named pipe, or standard input where the name is `-`.
 *
 * @throws Node's system errors, and for another kind of file an error whose `code` says which
 */
export function openInput(name: string): OpenInput {
  if (name === '-' || name === '/dev/stdin') return openStandardInput()
  const stats = statSync(name)
  if (stats.isFIFO()) return openPipe(name, stats)
  if (!stats.isFile()) throw notRegular(stats)
  const file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  return { file, stats: fstatSync(file), stream: createReadStream('', { fd: file }), nonBlocking: none }
}

/** Node reads a directory there as nothing at all, which would be no lines and no failure. */
function openStandardInput(): OpenInput {
  const stats = fstatSync(standardInput)
  if (stats.isDirectory())
    throw Object.assign(new Error('Standard input is a directory.'), { code: 'EISDIR' })
  if (process.versions.bun && stats.isFIFO()) return polled(stats, standardInput)
  // Node sets its pipes to non-blocking, bun does not.
  const blocks = stats.isFile() || isatty(standardInput) || process.versions.bun !== undefined
  const nonBlocking = blocks ? none : () => standardInput
  return { file: standardInput, stats, stream: process.stdin, nonBlocking }
}

/**
 * A pipe with a name waits for its writer and for each of its bytes. Read as a file, Node would wait for them even
 * after Ctrl-C; bun does not, once the waiting for the writer is its own, too, and cannot read it in Node's way.
 */
function openPipe(name: string, stats: Stats): OpenInput {
  if (process.versions.bun) return polled(stats, promisify(open)(name, 'r'))
  const file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  const stream = new Socket({ fd: file, readable: true, writable: false })
  return { file, stats: fstatSync(file), stream, nonBlocking: () => file }
}

function polled(stats: Stats, opened: number | Promise<number>): OpenInput {
  const stream = new PolledPipe(opened)
  const file = typeof opened === 'number' ? opened : unopened
  return { file, stats, stream, nonBlocking: () => stream.file }
}

const none = () => undefined
