import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import { EviError } from '#lib/errors.ts'

export const interrupted: PublishFailure = failureOf(
  new EviError('interrupted', 'Interrupted before it was sent.'),
)

export const interruptedInFlight: PublishFailure = {
  ...failureOf(new EviError('interrupted', 'Interrupted before it was confirmed; it may have arrived.')),
  mayHaveArrived: true,
}

/** Why a message was not sent; after the signal, because of the interruption. @throws what is no EviError */
export function toFailure(error: unknown, signal: AbortSignal): PublishFailure {
  if (signal.aborted) return interrupted
  if (error instanceof EviError) return failureOf(error)
  throw error
}
