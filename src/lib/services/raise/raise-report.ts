import type { PublishOutcome, Timing } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import type { Verification } from './verify.ts'

export interface RaiseRequest {
  readonly event: string
  /** The notification, byte for byte. */
  readonly payload: string
  readonly sockets: readonly Socket[]
  readonly properties: MessageProperties
  /** A confirmed event is reported as `confirmed`; without, as `sent`. */
  readonly confirm: boolean
  readonly timing: Timing
  /** Called once for each socket, when its result is known. */
  readonly onSettled: (socket: Socket) => void
  /** Ends the raise at once; what is open then fails. */
  readonly interrupted: AbortSignal
  /** Wait for the proof that the event left each exchange; the lookup says where it goes, if it can. */
  readonly verify?: RouteJudge | undefined
}

/** What became of the event at one subscriber. */
export interface RaiseResult {
  readonly socket: Socket
  /** The one of its hosts that answered; null when none did. */
  readonly host: Host | null
  readonly outcome: PublishOutcome
  readonly verified: Verification | null
  /** It was sent twice, without an answer to the first time, and may have arrived twice. */
  readonly resent: boolean
  /** Milliseconds from the start of the raise to this result. */
  readonly ms: number
}

/** Each subscriber counts as one of sent, confirmed and failed; the others are parts of them. */
export interface RaiseCounts {
  /** Handed to the broker. */
  readonly sent: number
  readonly confirmed: number
  readonly failed: number
  /** Of the failed: unroutable. */
  readonly returned: number
  /** Of the failed: by a nack, or with its channel. */
  readonly rejected: number
  /** Of the failed and the sent: it may have arrived, or may arrive, and may not. */
  readonly unknown: number
  /** Sent twice, without an answer to the first time. */
  readonly resent: number
}

export interface RaiseReport {
  readonly event: string
  readonly payload: string
  readonly bytes: number
  /** In the order of the sockets. */
  readonly results: readonly RaiseResult[]
  readonly counts: RaiseCounts
  /** The exit code that sums it up. */
  readonly exit: number
}

/** The event is where the report says. What is left to do takes as long as showing the report, and can be done beside it. */
export interface Raised {
  readonly report: RaiseReport
  /** Resolves when the connections are closed in order, or at the interruption. */
  readonly closed: Promise<unknown>
}
