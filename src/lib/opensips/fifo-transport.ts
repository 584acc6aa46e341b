import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { MiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { noAnswer, notAllowed, notAsked, tooLong } from './mi-errors.ts'
import { makeReplyFifo, type ReplyFifo, replyName } from './reply-fifo.ts'
import { largestAnswer, MiTransport, type Transport } from './transport.ts'

type FifoUrl = Extract<MiUrl, { transport: 'fifo' }>

/** What mi_fifo reads at once, with the name of the reply FIFO in it. */
const largestInput = 4096
/** Milliseconds between two looks, after those at once, within which OpenSIPS usually answers. */
const pause = 2
const quickLooks = 50
const nonBlocking = constants.O_NONBLOCK | constants.O_NOFOLLOW

/** mi_fifo: a request in one write, its answer by a FIFO that evi makes for it. */
export class FifoTransport extends MiTransport<FifoUrl> implements Transport {
  /** mi_fifo reads what waits in the FIFO at once, and loses a request that its buffer of 4096 bytes cuts. */
  readonly mostAtOnce = 1
  /** Of an answer that came whole, for the next one. */
  #idle: ReplyFifo | undefined

  largestRequest(): number {
    return largestInput - frame(replyName(), '').length
  }

  async exchange(request: string): Promise<string> {
    const end = performance.now() + this.timing.replyTimeout
    const requests = this.#openRequests()
    try {
      const reply = this.#idle ?? (await makeReplyFifo(this.mi.replyDirectory))
      this.#idle = undefined
      try {
        await this.#write(requests, frame(reply.name, request), end)
        const answer = await this.#read(reply, end)
        if (this.#idle === undefined) this.#idle = reply
        return answer
      } finally {
        // What comes later must not be taken for the answer to another request.
        if (this.#idle !== reply) reply.remove()
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
    return notAsked(this.place, `is no FIFO but ${what}`, hint)
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
    return notAsked(this.place, why, 'Start OpenSIPS, with mi_fifo loaded, or check the path.', error)
  }

  /** One write, which a FIFO takes whole or not at all up to 4096 bytes. */
  async #write(file: number, text: string, end: number): Promise<void> {
    for (;;) {
      try {
        writeSync(file, text)
        return
      } catch (error) {
        if (systemCode(error) !== 'EAGAIN') throw this.#unopened(error)
        const { replyTimeout } = this.timing
        if (performance.now() > end)
          throw notAsked(this.place, `takes no request within ${replyTimeout} ms`, isItBusy)
      }
      await setTimeout(pause)
    }
  }

  /** Reads until OpenSIPS has written and closed. */
  async #read({ file }: ReplyFifo, end: number): Promise<string> {
    const chunks: Buffer[] = []
    let bytes = 0
    for (let looks = 0; ; looks++) {
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
      await (looks < quickLooks ? setImmediate() : setTimeout(pause))
    }
  }
}

const isItBusy =
  'Check that OpenSIPS is not stopped or busy, and that its reply_dir is the one that evi uses: fifo:PATH?reply_dir=DIR'

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
