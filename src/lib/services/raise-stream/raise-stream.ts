import { isUtf8 } from 'node:buffer'
import { pause } from '#lib/async/long-timer.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { InputLine, RecordedDestination, StreamLine } from '#lib/domain/event/input-line.ts'
import { checkSize } from '#lib/domain/event/notification.ts'
import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ErrorCode, exitCodeOfAll, exitCodes } from '#lib/exit-codes.ts'
import type { Pace } from './pace.ts'
import { PublisherPool, type PublisherPoolOptions } from './publisher-pool.ts'
import type {
  LineFailure,
  ReportedLine,
  StreamCounts,
  StreamListener,
  StreamReport,
} from './stream-listener.ts'
import { interrupted } from './transient.ts'

export interface StreamRequest
  extends Omit<PublisherPoolOptions<Message>, 'broker' | 'settled' | 'resending'> {
  /** In blocks, as they come in; they end after the signal, too, behind all that was read. */
  readonly lines: AsyncIterator<readonly InputLine[]>
  /** @throws EviError what is wrong with the line's text */
  readonly read: (text: string) => StreamLine
  /** The same array for the same subscribers. */
  readonly subscribersOf: (event: string, recorded: RecordedDestination | undefined) => readonly Socket[]
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

/** A line that is not settled for all subscribers; one object with its message, as most of the cost is in objects. */
interface OpenLine extends Message {
  readonly input: InputLine
  readonly event: string
  missing: number
  results: LineFailure[] | undefined
  wasResent: boolean
}

class Stream {
  readonly #request: StreamRequest
  readonly #publishers: PublisherPool<OpenLine>
  readonly #counts: StreamCounts = noLines()
  readonly #failures = new Set<ErrorCode>()
  /** Some subscriber got something. */
  #served = false
  /** Why no more lines are sent; read for each line, for which a combined signal would search its sources. */
  #stopped: Omit<LineFailure, 'socket'> | undefined
  #end: 'none' | 'input' = 'none'
  /** Lines that failed in this turn, which are reported in the order of the input. */
  #failed: ReportedLine[] = []

  constructor(request: StreamRequest, broker: Broker) {
    this.#request = request
    const settled = this.#settle.bind(this)
    this.#publishers = new PublisherPool({
      ...request,
      broker,
      settled,
      resending: this.#resending.bind(this),
    })
  }

  async run(): Promise<StreamReport> {
    const { lines, listener, signal } = this.#request
    listener.started(this.#counts)
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
    return { ...this.#counts, confirm: this.#request.confirm, exit: this.#exit() }
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
    this.#counts.read++
    if (this.#stopped) return this.#fail(input, undefined, [{ socket: undefined, ...this.#stopped }])
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
      this.#fail(input, undefined, [{ socket: undefined, failure, fault: 'bad-line' }])
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
    if (sockets.length === 0 || this.#stopped) {
      const why = this.#stopped ?? { failure: noSubscriber(event) }
      return this.#fail(input, event, [{ socket: undefined, ...why }])
    }
    const missing = sockets.length
    const open = { body, properties, input, event, missing, results: undefined, wasResent: false }
    return this.#publishers.offer(open, sockets)
  }

  #settle(line: OpenLine, socket: Socket, outcome: PublishOutcome): void {
    if ('code' in outcome) {
      line.results ??= []
      line.results.push({ socket, failure: outcome })
    } else this.#served = true
    if (--line.missing > 0) return
    if (!line.results) this.#counts[this.#request.confirm ? 'confirmed' : 'sent']++
    else if (line.results.every(({ failure }) => statusOf(failure) === 'sent'))
      this.#doubt(line, line.results)
    else this.#fail(line.input, line.event, line.results)
  }

  #resending(line: OpenLine): void {
    if (!line.wasResent) this.#counts.resent++
    line.wasResent = true
  }

  /** The line was sent, and may not arrive: without confirms that is what was asked for. */
  #doubt({ input, event }: OpenLine, results: readonly LineFailure[]): void {
    this.#counts.sent++
    this.#counts.unknown++
    if (this.#request.confirm) this.#failures.add('unknown')
    else this.#served = true
    this.#request.listener.uncertain({ ...input, event, results })
  }

  #fail(line: InputLine, event: string | undefined, results: readonly LineFailure[]): undefined {
    const counts = this.#counts
    counts.failed++
    for (const { failure } of results) this.#failures.add(failure.code)
    if (results.some(({ failure }) => failure.code === 'unroutable')) counts.returned++
    if (results.some(({ failure, fault }) => !fault && statusOf(failure) === 'rejected')) counts.rejected++
    if (results.some(({ failure }) => failure.mayHaveArrived)) counts.unknown++
    if (this.#failed.push({ ...line, event, results }) === 1) queueMicrotask(() => this.#reportFailed())
  }

  #reportFailed(): void {
    const failed = this.#failed.sort((one, other) => one.number - other.number)
    this.#failed = []
    for (const line of failed) this.#request.listener.failed(line)
  }

  #exit(): number {
    if (this.#failures.has('interrupted')) return exitCodes.interrupted
    if (this.#request.strict?.signal.aborted) return exitCodes.data
    if (this.#end === 'none') return exitCodes.interrupted
    return exitCodeOfAll(this.#served ? 1 : 0, [...this.#failures])
  }
}

const behindBadLine = {
  failure: { code: 'data', message: 'Not sent, as --strict stops at the first bad line.' },
  fault: 'skipped',
} as const

function noLines(): StreamCounts {
  return { read: 0, sent: 0, confirmed: 0, failed: 0, returned: 0, rejected: 0, unknown: 0, resent: 0 }
}

function noSubscriber(event: string): PublishFailure {
  const hint = `Add one: evi subscribe ${event} SOCKET`
  return { code: 'no-subscriber', message: `${event} has no subscriber.`, hint }
}
