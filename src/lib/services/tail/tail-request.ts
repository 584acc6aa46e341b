import type { Consumer, ReceivedMessage, Timing, WatchMode } from '#lib/broker/broker.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import type { Caution } from './examine-exchange.ts'

export interface TailRequest {
  /** Each destination once. */
  readonly sockets: readonly SubscribedSocket[]
  /** The pattern for named exchanges; by default each socket's routing key. */
  readonly bindingKey: string | undefined
  /** See `ConsumerRequest`. */
  readonly mode?: WatchMode | undefined
  /** A socket that cannot be watched at the start ends it, though others can. */
  readonly strict: boolean
  /** See `ConsumerRequest`. */
  readonly prefetch?: number | undefined
  readonly findManagement: ManagementFinder
  readonly timing: Timing
  /** Stops the watching. */
  readonly signal: AbortSignal
  readonly listener: TailListener
}

export interface SubscribedSocket {
  readonly socket: Socket
  /** Those that it is subscribed to, as far as they are known. */
  readonly events: readonly string[]
}

/** What is said while watching. */
export interface TailListener {
  /** Answers of the brokers of these sockets are waited for before anything is watched; of none any more where there are none. */
  waiting(sockets: readonly Socket[]): void
  /** What may happen to others, before a queue of evi's own is bound. */
  caution(caution: Caution): void
  /** These are watched from the start. */
  watching(watched: readonly Watched[]): void
  /** These cannot be watched. */
  unwatched(sockets: readonly UnwatchedSocket[]): void
  /** These are watched, too, from now on. */
  joined(watched: readonly Watched[]): void
  /** Messages that came together, in their order; the next ones wait while the promise does. */
  messages(pieces: readonly TailedMessages[]): Promise<void>
  /**
   * A connection was lost and is being made again, or could not be made again.
   *
   * @param sockets printed, those that were watched until now
   */
  lost(reason: EviError, retryInMs: number, sockets: readonly string[]): void
  /** A lost connection is back; what was published in the gap was not seen, but for streams that are `resumed`. */
  back(watched: readonly Watched[], gapMs: number): void
  /** Events were dropped by the broker, as more than `limit` were waiting for this watcher. */
  overflow(socket: string, limit: number): void
}

/** Messages of one socket that came together. */
export interface TailedMessages {
  readonly socket: string
  readonly time: Date
  readonly messages: readonly TailedMessage[]
}

export type TailedMessage = ReceivedMessage

export interface UnwatchedSocket {
  /** Printed. */
  readonly socket: string
  readonly events: readonly string[]
  readonly error: EviError
  /** Milliseconds until it is tried again; undefined where it is given up. */
  readonly retryInMs: number | undefined
}

/** A socket that is watched. */
export interface Watched {
  /** Printed, as it was asked for. */
  readonly requested: string
  /** Printed, with the host that answered. */
  readonly socket: string
  readonly vhost: string
  readonly kind: Consumer['kind']
  /** A stream that is read on from where it was left. */
  readonly resumed: boolean
  /** Milliseconds in which events may have been missed; undefined where it is watched for the first time. */
  readonly gapMs: number | undefined
}
