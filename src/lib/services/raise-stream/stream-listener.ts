import type { InputLine } from '#lib/domain/event/input-line.ts'
import type { FailureStatus, PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { LinkListener } from './shared-connection.ts'

export interface StreamListener extends LinkListener {
  /** The counts, which go on changing until the end. */
  started(counts: Readonly<StreamCounts>): void
  /** A line that somebody did not get; not in the order of the lines. */
  undelivered(line: UndeliveredLine): void
}

export interface StreamCounts {
  /** Lines but the empty ones. */
  read: number
  /** Lines that every subscriber got. */
  delivered: number
  failed: number
}

export interface UndeliveredLine extends InputLine {
  readonly event: string | undefined
  /** Who did not get it, and why. */
  readonly results: readonly LineFailure[]
}

export interface LineFailure {
  /** Undefined where the line itself is why. */
  readonly socket: Socket | undefined
  readonly failure: Omit<PublishFailure, 'status'> & { readonly status: FailureStatus | LineStatus }
}

/** What the line itself can lack. */
export type LineStatus = 'bad-line' | 'no-subscriber'

export interface StreamReport extends StreamCounts {
  /** The exit code that sums it up (SPEC 7). */
  readonly exit: number
}
