import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { MiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { noAnswer, notAllowed, notReached, tooLong } from './mi-errors.ts'
import { largestAnswer, MiTransport, type Transport } from './transport.ts'

type FifoUrl = Extract<MiUrl, { transport: 'fifo' }>

/** What mi_fifo reads at once, with the name of the reply FIFO in it. */
const largestInput = 4096
/** Milliseconds between two looks. */
const pause = 2
/** Bytes of a path that mi_fifo takes for the reply FIFO. */
const longestReplyPath = 128
const nonBlocking = constants.O_NONBLOCK | constants.O_NOFOLLOW

/** mi_fifo: a request in one write, its answer by a FIFO that evi makes for it. */
export class FifoTransport extends MiTransport<FifoUrl> implements Transport {
  largestRequest(): number {
    return largestInput - frame(replyName(), '').length
  }

  async exchange(request: string): Promise<string> {
    const end = performance.now() + this.timing.replyTimeout
    const requests = this.#openRequests()
    try {
      const name = replyName()
      const path = join(this.mi.replyDirectory, name)
      const remove = () => rmSync(path, { force: true })
      await this.#makeReplyFifo(path)
      process.once('exit', remove)
      try {
        return await this.#answer(path, async () => this.#write(requests, frame(name, request), end), end)
      } finally {
        remove()
        process.off('exit', remove)
      }
    } finally {
      closeSync(requests)
    }
  }

  /** Opens OpenSIPS's FIFO without waiting for a reader; anything but a FIFO is refused before it is written to. */
  #openRequests(): number {
    const { path } = this.mi
    try {
      const stats = lstatSync(path)
      if (stats.isSymbolicLink()) throw this.#notFifo('a symbolic link')
      if (stats.isSocket()) throw this.#notFifo('a socket', `If it is that of mi_datagram: unix:${path}`)
      if (!stats.isFIFO())
        throw this.#notFifo(stats.isDirectory() ? 'a directory' : 'a regular file or a device')
      const file = openSync(path, constants.O_WRONLY | nonBlocking)
      if (fstatSync(file).isFIFO()) return file
      closeSync(file)
      throw this.#notFifo('another file')
    } catch (error) {
      throw error instanceof EviError ? error : this.#unopened(error)
    }
  }

  #notFifo(
    what: string,
    hint = 'Give the fifo_name of mi_fifo; OpenSIPS packages have /run/opensips/opensips_fifo',
  ): EviError {
    return notReached(this.place, `is no FIFO but ${what}`, hint)
  }

  #unopened(error: unknown): EviError {
    const code = systemCode(error) ?? ''
    if (code === 'EACCES' || code === 'EPERM') {
      return notAllowed(
        this.place,
        'this user may not write to the FIFO',
        "Run evi as a member of OpenSIPS's group, or set fifo_mode of mi_fifo.",
      )
    }
    const why =
      code === 'ENXIO'
        ? 'has no reader: OpenSIPS does not run, and its FIFO was left behind'
        : code === 'ENOENT'
          ? 'has no FIFO: OpenSIPS does not run, or has another fifo_name'
          : `is not reached (${code})`
    return notReached(this.place, why, 'Start OpenSIPS, with mi_fifo loaded, or check the path.', error)
  }

  async #makeReplyFifo(path: string): Promise<void> {
    const { replyDirectory } = this.mi
    if (Buffer.byteLength(path) > longestReplyPath) {
      throw new EviError('usage', `The reply_dir ${replyDirectory} is too long for OpenSIPS.`, {
        hint: `Its path may have ${longestReplyPath - replyName().length - 1} bytes.`,
      })
    }
    try {
      // OpenSIPS, another user, may write to it, and only this user may read.
      await promisify(execFile)('mkfifo', ['-m', '0622', path])
    } catch (error) {
      const isMissing = systemCode(error) === 'ENOENT'
      throw new EviError(
        'cannot-write',
        isMissing
          ? 'The program mkfifo is not installed.'
          : `No FIFO for the answer can be made in ${replyDirectory}.`,
        {
          hint: isMissing
            ? 'Install coreutils, or ask by mi_http: --opensips http://HOST:8888/mi'
            : "Give OpenSIPS's own reply_dir, which this user may write to: fifo:PATH?reply_dir=DIR",
          cause: error,
        },
      )
    }
  }

  /** One write, which a FIFO takes whole or not at all up to 4096 bytes. */
  async #write(file: number, text: string, end: number): Promise<void> {
    for (;;) {
      try {
        writeSync(file, text)
        return
      } catch (error) {
        if (systemCode(error) !== 'EAGAIN') throw this.#unopened(error)
        if (performance.now() > end) throw noAnswer(this.place, this.timing.replyTimeout, isItBusy)
      }
      await setTimeout(pause)
    }
  }

  /** Opens the reply FIFO, sends the request, and reads until OpenSIPS has written and closed. */
  async #answer(path: string, send: () => Promise<void>, end: number): Promise<string> {
    const file = openSync(path, constants.O_RDONLY | nonBlocking)
    try {
      await send()
      const chunks: Buffer[] = []
      let bytes = 0
      for (;;) {
        const chunk = readSome(file)
        // Before OpenSIPS opens it, a FIFO reads as ended.
        if (chunk?.length === 0 && bytes > 0) return Buffer.concat(chunks).toString()
        if (chunk !== undefined && chunk.length > 0) {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > largestAnswer) throw tooLong(this.place)
          continue
        }
        if (performance.now() > end) throw noAnswer(this.place, this.timing.replyTimeout, isItBusy)
        await setTimeout(pause)
      }
    } finally {
      closeSync(file)
    }
  }
}

const isItBusy =
  'Check that OpenSIPS is not stopped or busy, and that its reply_dir is the one that evi uses: fifo:PATH?reply_dir=DIR'

/** Without dots and slashes, which mi_fifo refuses. */
function replyName(): string {
  return `evi_${randomUUID().replaceAll('-', '')}`
}

function frame(name: string, request: string): string {
  return `:${name}:${request}`
}

/** What can be read now; empty at the end, undefined where more may come. */
function readSome(file: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(64 * 1024)
  try {
    return buffer.subarray(0, readSync(file, buffer))
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined
    throw error
  }
}
