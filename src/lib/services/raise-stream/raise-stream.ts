import { isUtf8 } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { InputLine, StreamLine } from '#lib/domain/event/input-line.ts'
import { checkSize } from '#lib/domain/event/notification.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ErrorCode, exitCodeOfAll, exitCodes } from '#lib/exit-codes.ts'
import type { Pace } from './pace.ts'
import { Deliveries, type DeliveriesOptions } from './publisher-pool.ts'
import type { LineFailure, StreamCounts, StreamListener, StreamReport } from './stream-listener.ts'
import { interrupted } from './transient.ts'

export interface StreamRequest extends Omit<DeliveriesOptions<Message>, 'broker' | 'settled'> {
  /** In blocks, as they come in; they end after the signal, too. */
  readonly lines: AsyncIterator<readonly InputLine[]>
  /** @throws EviError why the line's text is none of a stream */
  readonly read: (text: string) => StreamLine
  /** The same array for the same subscribers. */
  readonly subscribersOf: (event: string) => readonly Socket[]
  /** Bytes, 0 is no limit. */
  readonly maxMessage: number
  readonly pace: Pace
  /** End with the first bad line. */
  readonly strict: boolean
  readonly listener: StreamListener
}

/**
 * Raises an event for each line, many on their way at once (SPEC 6). Whatever is wrong with a line or a broker is told
 * by the listener and counted.
 *
 * @throws EviError when the input cannot be read on; what was read comes to its end first
 */
export async function raiseStream(request: StreamRequest, broker: Broker): Promise<StreamReport> {
  return await new Stream(request, broker).run()
}

/** A line whose subscribers have not all answered; one object with its message, as most of the cost is in objects. */
interface OpenLine extends Message {
  readonly input: InputLine
  readonly event: string
  missing: number
  results: LineFailure[] | undefined
}

class Stream {
  readonly #request: StreamRequest
  readonly #deliveries: Deliveries<OpenLine>
  readonly #counts: StreamCounts = { read: 0, delivered: 0, failed: 0 }
  readonly #failures = new Set<ErrorCode>()
  /** Somebody got something. */
  #served = false
  /** Asked for each line, of which a combined signal makes a search. */
  #stopped = false
  #end: 'none' | 'input' | 'strict' = 'none'

  constructor(request: StreamRequest, broker: Broker) {
    this.#request = request
    const settled = this.#settle.bind(this)
    this.#deliveries = new Deliveries({ ...request, broker, settled })
  }

  async run(): Promise<StreamReport> {
    const { lines, listener, signal } = this.#request
    listener.started(this.#counts)
    signal.addEventListener('abort', () => {
      this.#stopped = true
    })
    try {
      while (this.#end === 'none') {
        const block = await lines.next()
        if (!block.done) await this.#raiseAll(block.value)
        else if (this.#stopped) break
        else this.#end = 'input'
      }
    } finally {
      await this.#deliveries.close()
    }
    return { ...this.#counts, exit: this.#exit() }
  }

  async #raiseAll(lines: readonly InputLine[]): Promise<void> {
    for (const line of lines) {
      const room = this.#raise(line)
      if (room) await room
      if (this.#end === 'strict') return
    }
    this.#deliveries.flush()
  }

  /** Returns a promise where the next line has to wait. */
  #raise(input: InputLine): Promise<void> | undefined {
    const { bytes } = input
    const text = bytes && isUtf8(bytes) ? bytes.toString() : undefined
    if (text !== undefined && /^\s*$/.test(text)) return undefined
    this.#counts.read++
    try {
      if (bytes === undefined) throw new EviError('data', 'Longer than a line of a stream can be.')
      if (text === undefined) throw new EviError('data', 'Not valid UTF-8.')
      const line = this.#request.read(text)
      const body = line.notification === undefined ? bytes : Buffer.from(line.notification)
      checkSize(body.length, this.#request.maxMessage)
      const delay = this.#stopped ? 0 : this.#request.pace.delayOf(line.time)
      return delay > 0 ? this.#deliverLater(input, line, body, delay) : this.#deliver(input, line, body)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      const { message: reason, hint } = error
      const failure = { status: 'bad-line', code: 'data', reason, hint } as const
      this.#fail(input, undefined, [{ socket: undefined, failure }])
      if (this.#request.strict) this.#end = 'strict'
      return undefined
    }
  }

  async #deliverLater(input: InputLine, line: StreamLine, body: Buffer, delay: number): Promise<void> {
    this.#deliveries.flush()
    await unlessStopped(this.#request.signal, sleep(delay))
    await this.#deliver(input, line, body)
  }

  #deliver(input: InputLine, { event, properties }: StreamLine, body: Buffer): Promise<void> | undefined {
    const sockets = this.#request.subscribersOf(event)
    if (sockets.length === 0 || this.#stopped) {
      const failure = this.#stopped ? interrupted : nobody(event)
      return this.#fail(input, event, [{ socket: undefined, failure }])
    }
    const line = { body, properties, input, event, missing: sockets.length, results: undefined }
    return this.#deliveries.offer(line, sockets)
  }

  #settle(line: OpenLine, socket: Socket, outcome: PublishOutcome): void {
    if ('code' in outcome) {
      line.results ??= []
      line.results.push({ socket, failure: outcome })
    } else this.#served = true
    if (--line.missing > 0) return
    if (line.results) this.#fail(line.input, line.event, line.results)
    else this.#counts.delivered++
  }

  #fail(line: InputLine, event: string | undefined, results: readonly LineFailure[]): undefined {
    this.#counts.failed++
    for (const { failure } of results) this.#failures.add(failure.code)
    this.#request.listener.undelivered({ ...line, event, results })
  }

  #exit(): number {
    if (this.#end === 'none' || this.#failures.has('interrupted')) return exitCodes.interrupted
    if (this.#end === 'strict') return exitCodes.data
    return exitCodeOfAll(this.#served ? 1 : 0, [...this.#failures])
  }
}

function nobody(event: string): LineFailure['failure'] {
  const reason = `Nobody is subscribed to ${event}.`
  return {
    status: 'no-subscriber',
    code: 'no-subscriber',
    reason,
    hint: `Subscribe somebody: evi subscribe ${event} SOCKET`,
  }
}
