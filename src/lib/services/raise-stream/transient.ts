import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import { EviError } from '#lib/errors.ts'

export const interrupted: PublishFailure = failureOf(
  new EviError('interrupted', 'Interrupted before it was sent.'),
)

/** Why a message was not sent; the signal's interruption makes all else fail. @throws what is no EviError */
export function toFailure(error: unknown, signal: AbortSignal): PublishFailure {
  if (signal.aborted) return interrupted
  if (error instanceof EviError) return failureOf(error)
  throw error
}

/** A broker that is gone or silent may come back. */
export function mayPass({ code, status }: PublishFailure): boolean {
  return code === 'unreachable' || status === 'timeout'
}

/** The next message would meet it, too. */
export function isLasting({ status }: PublishFailure): boolean {
  return lasting.has(status)
}

const lasting = new Set<PublishFailure['status']>(['no-exchange', 'refused', 'timeout', 'unreachable'])
