import { ChannelLimit, type EviError, isTransient } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'

export type FailureStatus =
  | 'unroutable'
  | 'no-exchange'
  | 'refused'
  | 'unreachable'
  | 'rejected'
  | 'timeout'
  | 'interrupted'
  /** Handed to the broker, with the code `unknown`: what it said leaves open whether a queue gets the message. */
  | 'sent'

/** Why a message was not delivered, or is not known to be. */
export interface PublishFailure {
  readonly status: FailureStatus
  /** Decides the exit code, where the status has several causes. */
  readonly code: ErrorCode
  /** One sentence. */
  readonly reason: string
  /** What to do about it. */
  readonly hint?: string | undefined
  /** Whether it may pass by itself, where its code does not say so. */
  readonly transient?: boolean
  /** The broker allows the user no more channels, and closed the connection for it. */
  readonly isChannelLimit?: true
  /** The message was published and nothing says that it is lost: raised again, it may arrive twice. */
  readonly mayHaveArrived?: boolean
}

/** What an error on the way to a queue means for the message. */
export function failureOf(error: EviError): PublishFailure {
  const { code, message: reason, hint, transient } = error
  return {
    status: statuses[code] ?? 'unreachable',
    code,
    reason,
    hint,
    // Where the code says as much, it is not repeated.
    ...(transient === isTransient({ code }) ? {} : { transient }),
    ...(error instanceof ChannelLimit ? { isChannelLimit: true } : {}),
  }
}

/** The failure of a message that may have been published before, unconfirmed. */
export function failureOfOpen(
  { mayHaveArrived }: { readonly mayHaveArrived: boolean },
  failure: PublishFailure,
): PublishFailure {
  if (!mayHaveArrived || failure.mayHaveArrived) return failure
  return { ...failure, reason: `${failure.reason} The message may have arrived.`, mayHaveArrived: true }
}

const statuses: Partial<Record<ErrorCode, FailureStatus>> = {
  data: 'rejected',
  interrupted: 'interrupted',
  'no-exchange': 'no-exchange',
  precondition: 'rejected',
  refused: 'refused',
  timeout: 'timeout',
}
