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

/** Why a message was not delivered. */
export interface PublishFailure {
  readonly status: FailureStatus
  /** Decides the exit code, where the status has several causes. */
  readonly code: ErrorCode
  /** One sentence. */
  readonly reason: string
  /** What to do about it. */
  readonly hint?: string | undefined
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
