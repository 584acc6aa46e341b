import type { EviError } from '#lib/errors.ts'
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
  /** The message was published and nothing says that it is lost: raised again, it may arrive twice. */
  readonly mayHaveArrived?: boolean
}

/** What an error on the way to a queue means for the message. */
export function failureOf({ code, message: reason, hint }: EviError): PublishFailure {
  return { status: statuses[code] ?? 'unreachable', code, reason, hint }
}

const statuses: Partial<Record<ErrorCode, FailureStatus>> = {
  data: 'rejected',
  interrupted: 'interrupted',
  'no-exchange': 'no-exchange',
  precondition: 'rejected',
  refused: 'refused',
  timeout: 'timeout',
}
