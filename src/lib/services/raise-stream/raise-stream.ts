import { isUtf8 } from 'node:buffer'
import { pause } from '#lib/async/long-timer.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message } from '#lib/broker/broker.ts'
import type { InputLine, RecordedDestination, StreamLine } from '#lib/domain/event/input-line.ts'
import { checkSize } from '#lib/domain/event/notification.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitCodes } from '#lib/exit-codes.ts'
import { LineOutcomes, type OpenLine } from './line-outcomes.ts'
import type { Pace } from './pace.ts'
import { PublisherPool, type PublisherPoolOptions } from './publishing/publisher-pool.ts'
import { interrupted } from './publishing/transient.ts'
import type { LineFailure, StreamListener, StreamReport } from './stream-listener.ts'
import { StreamPermissions } from './stream-permissions.ts'

export interface StreamRequest
  extends Omit<PublisherPoolOptions<Message>, 'broker' | 'settled' | 'resending'> {
  /** In blocks, as they come in; they end after the signal, too, behind all that was read. */
  readonly lines: AsyncIterator<readonly InputLine[]>
  /** @throws EviError what is wrong with the line's text */
  readonly read: (text: string) => StreamLine
  /** The same array for the same subscribers. */
  readonly subscribersOf: (event: string, recorded: RecordedDestination | undefined) => readonly Socket[]
  /** All that the lines may be for; the same array for the same ones. */
  readonly subscribers: () => readonly Socket[]
  /** Bytes, 0 is no limit. */
  readonly maxMessage: number
  readonly pace: Pace
  /** Aborted at the first bad line, which ends `lines` as the signal does; undefined where the stream goes on behind it. */
  readonly strict: AbortController | undefined
  readonly listener: StreamListener
}

/**
 * Raises an event for each line, many in flight at once. The listener receives whatever is wrong with a line or a broker.
 *
 * @throws EviError when the input cannot be read on; what was read is settled first
 */
export async function raiseStream(request: StreamRequest, broker: Broker): Promise<StreamReport> {
  return await new Stream(request, broker).run()
}

class Stream {
  readonly #request: StreamRequest
  readonly #publishers: PublisherPool<OpenLine>
  readonly #outcomes: LineOutcomes
  /** Why no more lines are sent; read for each line, for which a combined signal would search its sources. */
  #stopped: Omit<LineFailure, 'socket'> | undefined
  #end: 'none' | 'input' = 'none'

  constructor(request: StreamRequest, broker: Broker) {
    this.#request = request
    this.#publishers = new PublisherPool({
      ...request,
      broker,
      settled: (line, socket, outcome) => this.#outcomes.settle(line, socket, outcome),
      resending: (line, socket) => this.#outcomes.resending(line, socket),
    })
    const permissions = new StreamPermissions({ ...request, used: this.#publishers.sockets })
    this.#outcomes = new LineOutcomes({ ...request, permissions })
  }

  async run(): Promise<StreamReport> {
    const { lines, listener, signal } = this.#request
    listener.started(this.#outcomes.counts)
    signal.addEventListener('abort', () => {
      this.#stopped ??= { failure: interrupted }
      this.#publishers.dropUnsent()
    })
    try {
      while (this.#end === 'none') {
        const block = await lines.next()
        if (!block.done) await this.#raiseAll(block.value)
        else if (this.#stopped) break
        else this.#end = 'input'
      }
    } finally {
      await this.#publishers.close()
    }
    return { ...this.#outcomes.counts, confirm: this.#request.confirm, exit: this.#exit() }
  }

  async #raiseAll(lines: readonly InputLine[]): Promise<void> {
    for (const line of lines) {
      const room = this.#raise(line)
      if (room) await room
    }
    this.#publishers.flush()
  }

  /** Returns a promise where the next line has to wait. */
  #raise(input: InputLine): Promise<void> | undefined {
    const { bytes } = input
    const text = bytes && isUtf8(bytes) ? bytes.toString() : undefined
    if (text !== undefined && /^\s*$/.test(text)) return undefined
    this.#outcomes.counts.read++
    if (this.#stopped) return this.#fail(input, undefined, this.#stopped)
    try {
      if (bytes === undefined) throw new EviError('data', 'Longer than a line of a stream can be.')
      if (text === undefined) throw new EviError('data', 'Not valid UTF-8.')
      const line = this.#request.read(text)
      const body = line.notification === undefined ? bytes : Buffer.from(line.notification)
      checkSize(body.length, this.#request.maxMessage)
      const delay = this.#request.pace.delayOf(line.time)
      return delay > 0 ? this.#publishLater(input, line, body, delay) : this.#publish(input, line, body)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      const { message, hint } = error
      const failure = { code: 'data', message, hint } as const
      this.#fail(input, undefined, { failure, fault: 'bad-line' })
      this.#endIfStrict()
      return undefined
    }
  }

  #endIfStrict(): void {
    const { strict } = this.#request
    if (!strict) return
    this.#stopped ??= behindBadLine
    strict.abort()
  }

  async #publishLater(input: InputLine, line: StreamLine, body: Buffer, delay: number): Promise<void> {
    this.#publishers.flush()
    await unlessStopped(this.#request.signal, pause(delay))
    await this.#publish(input, line, body)
  }

  #publish(input: InputLine, line: StreamLine, body: Buffer): Promise<void> | undefined {
    const { event, properties, destination } = line
    const sockets = this.#request.subscribersOf(event, destination)
    if (sockets.length === 0 || this.#stopped)
      return this.#fail(input, event, this.#stopped ?? { failure: noSubscriber(event) })
    const missing = sockets.length
    const open = { body, properties, input, event, missing, results: undefined, resentTo: undefined }
    return this.#publishers.offer(open, sockets)
  }

  #fail(input: InputLine, event: string | undefined, why: Omit<LineFailure, 'socket'>): undefined {
    this.#outcomes.fail(input, event, [{ socket: undefined, ...why }])
  }

  #exit(): number {
    if (this.#outcomes.wasInterrupted) return exitCodes.interrupted
    if (this.#request.strict?.signal.aborted) return exitCodes.data
    if (this.#end === 'none') return exitCodes.interrupted
    return this.#outcomes.exit
  }
}

const behindBadLine = {
  failure: { code: 'data', message: 'Not sent, as --strict stops at the first bad line.' },
  fault: 'skipped',
} as const

function noSubscriber(event: string): PublishFailure {
  const hint = `Add one: evi subscribe ${event} SOCKET`
  return { code: 'no-subscriber', message: `${event} has no subscriber.`, hint }
}
