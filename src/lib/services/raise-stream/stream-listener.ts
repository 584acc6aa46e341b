import type { InputLine } from '#lib/domain/event/input-line.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { ConnectionListener } from './publishing/shared-connection.ts'

export interface StreamListener extends ConnectionListener {
  /** The counts, which go on changing until the end. */
  started(counts: Readonly<StreamCounts>): void
  /** A line failed for at least one subscriber; in the order of the lines, but for those whose answer comes late. */
  failed(line: ReportedLine): void
  /** A line was sent, and the broker's answer leaves open whether a queue gets it. */
  uncertain(line: ReportedLine): void
}

/** Each line that was read ends as one of sent, confirmed and failed. */
export interface StreamCounts {
  /** Lines but the empty ones. */
  read: number
  /** Handed to the broker for every subscriber; asynchronous mode does not know more. */
  sent: number
  /** Confirmed for every subscriber. */
  confirmed: number
  failed: number
  /** Of the failed: returned for a subscriber, as unroutable. */
  returned: number
  /** Of the failed: rejected for a subscriber. */
  rejected: number
  /** Of the failed and the sent: it may have arrived, or may arrive, and may not. */
  unknown: number
  /** Sent again, though it may have arrived before. */
  resent: number
  readonly deliveries: DeliveryCounts
}

/** Each subscriber that a line was for counts as one of sent, confirmed and failed. */
export interface DeliveryCounts {
  sent: number
  confirmed: number
  failed: number
  /** Sent again, though they may have arrived before. */
  resent: number
}

export interface ReportedLine extends InputLine {
  readonly event: string | undefined
  /** The subscribers that did not get it, or may not get it, and why. */
  readonly results: readonly LineFailure[]
}

export interface LineFailure {
  /** Undefined where the line itself is the reason. */
  readonly socket: Socket | undefined
  readonly failure: PublishFailure
  /** What is wrong with the line's text; `skipped` where it was read behind the bad line that ended a strict stream. */
  readonly fault?: 'bad-line' | 'skipped'
}

export interface StreamReport extends StreamCounts {
  /** Confirms were waited for. */
  readonly confirm: boolean
  /** The exit code that sums it up. */
  readonly exit: number
}
