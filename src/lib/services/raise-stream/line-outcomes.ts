import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { InputLine } from '#lib/domain/event/input-line.ts'
import { statusOf } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { type ErrorCode, exitCodeOfAll } from '#lib/exit-codes.ts'
import type { LineFailure, ReportedLine, StreamCounts, StreamListener } from './stream-listener.ts'
import type { StreamPermissions } from './stream-permissions.ts'

/** A line that is not settled for all subscribers; one object with its message, as most of the cost is in objects. */
export interface OpenLine extends Message {
  readonly input: InputLine
  readonly event: string
  missing: number
  results: LineFailure[] | undefined
  /** The subscribers that it was sent to again. */
  resentTo: Set<Socket> | undefined
}

export interface LineOutcomesOptions {
  /** Confirms are waited for. */
  readonly confirm: boolean
  readonly listener: StreamListener
  readonly permissions: StreamPermissions
}

/** What becomes of the lines of a stream: counts them, and reports those that failed or may not arrive. */
export class LineOutcomes {
  readonly counts: StreamCounts = noLines()
  readonly #options: LineOutcomesOptions
  readonly #failures = new Set<ErrorCode>()
  /** Some subscriber got something. */
  #served = false
  /** Lines that failed in this turn, which are reported in the order of the input. */
  #failed: ReportedLine[] = []

  constructor(options: LineOutcomesOptions) {
    this.#options = options
  }

  get wasInterrupted(): boolean {
    return this.#failures.has('interrupted')
  }

  /** The exit code that sums up a stream that was read to its end. */
  get exit(): number {
    return exitCodeOfAll(this.#served ? 1 : 0, [...this.#failures])
  }

  /** The broker has answered for one subscriber of the line. */
  settle(line: OpenLine, socket: Socket, outcome: PublishOutcome): void {
    const { deliveries } = this.counts
    if ('code' in outcome) {
      line.results ??= []
      line.results.push({ socket, failure: outcome })
      deliveries[statusOf(outcome) === 'sent' ? 'sent' : 'failed']++
    } else {
      this.#served = true
      deliveries[this.#options.confirm ? 'confirmed' : 'sent']++
    }
    if (--line.missing > 0) return
    if (!line.results) this.counts[this.#options.confirm ? 'confirmed' : 'sent']++
    else if (line.results.every(({ failure }) => statusOf(failure) === 'sent'))
      this.#doubt(line, line.results)
    else this.fail(line.input, line.event, line.results)
  }

  /** The line is sent again to a subscriber, though it may have arrived. */
  resending(line: OpenLine, socket: Socket): void {
    const { counts } = this
    if (!line.resentTo) counts.resent++
    line.resentTo ??= new Set()
    if (line.resentTo.has(socket)) return
    line.resentTo.add(socket)
    counts.deliveries.resent++
  }

  /** The line was not delivered to some subscriber, or is none that could be. */
  fail(line: InputLine, event: string | undefined, results: readonly LineFailure[]): void {
    const { counts } = this
    counts.failed++
    for (const { failure } of results) this.#failures.add(failure.code)
    if (results.some(({ failure }) => failure.code === 'unroutable')) counts.returned++
    if (results.some(({ failure, fault }) => !fault && statusOf(failure) === 'rejected')) counts.rejected++
    if (results.some(({ failure }) => failure.mayHaveArrived)) counts.unknown++
    if (this.#failed.push({ ...line, event, results }) === 1) queueMicrotask(() => this.#reportFailed())
  }

  /** The line was sent, and may not arrive: without confirms that is what was asked for. */
  #doubt({ input, event }: OpenLine, results: readonly LineFailure[]): void {
    this.counts.sent++
    this.counts.unknown++
    if (this.#options.confirm) this.#failures.add('unknown')
    else this.#served = true
    this.#options.listener.uncertain({ ...input, event, results })
  }

  #reportFailed(): void {
    const { listener, permissions } = this.#options
    const failed = this.#failed.sort((one, other) => one.number - other.number)
    this.#failed = []
    for (const line of failed) listener.failed({ ...line, results: permissions.inResults(line.results) })
  }
}

function noLines(): StreamCounts {
  const ends = { sent: 0, confirmed: 0, failed: 0, resent: 0 }
  return { ...ends, read: 0, returned: 0, rejected: 0, unknown: 0, deliveries: { ...ends } }
}
