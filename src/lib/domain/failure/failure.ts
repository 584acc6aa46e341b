import {
  ChannelLimit,
  type EviError,
  type Failure,
  isTransient,
  type MissingPermission,
  type MissingTopic,
  PermissionMissing,
  TopicPermissionMissing,
} from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'

type FailureStatus =
  | 'no-subscriber'
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
export interface PublishFailure extends Failure {
  /** The broker allows the user no more channels, and closed the connection for it. */
  readonly isChannelLimit?: true
  /** What the user lacks, where it is that. */
  readonly permission?: MissingPermission
  /** What the user may not do with a routing key, where it is that. */
  readonly topic?: MissingTopic
  /** The message was published and nothing says that it is lost: raised again, it may arrive twice. */
  readonly mayHaveArrived?: boolean
}

/** What an error on the way to a queue means for the message. */
export function failureOf(error: EviError): PublishFailure {
  const { code, message, hint, transient } = error
  return {
    code,
    message,
    hint,
    // Where the code says as much, it is not repeated.
    ...(transient === isTransient({ code }) ? {} : { transient }),
    ...(error instanceof ChannelLimit ? { isChannelLimit: true } : {}),
    ...(error instanceof PermissionMissing ? { permission: error.permission } : {}),
    ...(error instanceof TopicPermissionMissing ? { topic: error.topic } : {}),
  }
}

/** What became of a message, where a permission is missing with another command that grants what is needed. */
export function grantedBy<T extends object>(outcome: T | PublishFailure, command: (user: string) => string) {
  if (!('permission' in outcome && outcome.permission)) return outcome
  const { permission } = outcome
  return { ...outcome, hint: permission.hintFor(command(permission.user)) }
}

/** The failure of a message that may have been published before, unconfirmed. */
export function failureOfOpen(
  { mayHaveArrived }: { readonly mayHaveArrived: boolean },
  failure: PublishFailure,
): PublishFailure {
  if (!mayHaveArrived || failure.mayHaveArrived) return failure
  return { ...failure, message: `${failure.message} The message may have arrived.`, mayHaveArrived: true }
}

/** What became of a message, in a word: what a person reads, and the `status` of --json. */
export function statusOf(
  outcome: { readonly status: 'sent' | 'confirmed' } | Pick<Failure, 'code'>,
): 'confirmed' | FailureStatus {
  return 'code' in outcome ? (statuses[outcome.code] ?? 'unreachable') : outcome.status
}

const statuses: Partial<Record<ErrorCode, FailureStatus>> = {
  blocked: 'timeout',
  data: 'rejected',
  interrupted: 'interrupted',
  'no-exchange': 'no-exchange',
  'no-subscriber': 'no-subscriber',
  precondition: 'rejected',
  refused: 'refused',
  rejected: 'rejected',
  timeout: 'timeout',
  unknown: 'sent',
  unroutable: 'unroutable',
}

/** Whether it failed as the user was refused a channel. */
export function metChannelLimit(outcome: object): outcome is PublishFailure {
  return 'isChannelLimit' in outcome && outcome.isChannelLimit === true
}
