import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EviError, systemCode } from '#lib/errors.ts'

/** A FIFO of evi's in OpenSIPS's reply_dir, open to read; it is gone at the end of the process, too. */
export interface ReplyFifo {
  readonly name: string
  /** The file descriptor. */
  readonly file: number
  remove(): void
}

/** Bytes of a path that mi_fifo takes for the reply FIFO. */
const longestPath = 128

/**
 * Makes the FIFO that OpenSIPS writes its answer to, in OpenSIPS's `reply_dir`.
 *
 * @throws EviError `usage`, `cannot-write`
 */
export async function makeReplyFifo(directory: string): Promise<ReplyFifo> {
  const name = replyName()
  const path = join(directory, name)
  if (Buffer.byteLength(path) > longestPath) {
    throw new EviError('usage', `The reply_dir ${directory} is too long for OpenSIPS.`, {
      hint: `Its path may have ${longestPath - name.length - 1} bytes.`,
    })
  }
  const removeFile = () => rmSync(path, { force: true })
  process.once('exit', removeFile)
  try {
    // OpenSIPS, another user, may write to it, and only this user may read.
    await promisify(execFile)('mkfifo', ['-m', '0622', path])
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const remove = () => {
      closeSync(file)
      removeFile()
      process.off('exit', removeFile)
    }
    return { name, file, remove }
  } catch (error) {
    removeFile()
    process.off('exit', removeFile)
    throw notMade(directory, error)
  }
}

/** Without dots and slashes, which mi_fifo refuses. */
export function replyName(): string {
  return `evi_${randomUUID().replaceAll('-', '')}`
}

function notMade(directory: string, cause: unknown): EviError {
  if (systemCode(cause) === 'ENOENT') {
    return new EviError('cannot-write', 'The program mkfifo is not installed.', {
      hint: 'Install coreutils, or ask by mi_http: --opensips http://HOST:8888/mi',
      cause,
    })
  }
  return new EviError('cannot-write', `No FIFO for the answer can be made in ${directory}.`, {
    hint: "Give OpenSIPS's own reply_dir, which this user may write to: fifo:PATH?reply_dir=DIR",
    cause,
  })
}
