import { EviError } from '#lib/errors.ts'

/** Milliseconds: half a second, then twice as long each time, ten seconds at the most. */
const delays = { minTimeout: 500, maxTimeout: 10_000, factor: 2 }

/** Milliseconds to wait after so many failures in a row: none after the first. */
export function delayAfter(failures: number): number {
  return failures < 2 ? 0 : Math.min(delays.minTimeout * delays.factor ** (failures - 2), delays.maxTimeout)
}

export interface Persistence {
  /** Ends the trying. */
  readonly signal: AbortSignal
  /** Milliseconds after which it is given up. */
  readonly retryFor: number
  /** A try failed, and the next one comes after so many milliseconds. */
  readonly onFailure: (reason: EviError, retryInMs: number) => void
}

/** Opens again what was lost, with growing delays, until a failure is permanent. @throws EviError, or the signal's reason */
export async function reconnect<T>(
  open: () => Promise<T>,
  { signal, retryFor, onFailure }: Persistence,
): Promise<T> {
  const { default: pRetry } = await import('p-retry')
  return await pRetry(open, {
    ...delays,
    retries: Number.POSITIVE_INFINITY,
    maxRetryTime: retryFor,
    signal,
    shouldRetry: ({ error }) => isPassing(error),
    onFailedAttempt: ({ error, retryDelay }) => {
      if (isPassing(error)) onFailure(error, retryDelay)
    },
  })
}

function isPassing(error: unknown): error is EviError {
  return error instanceof EviError && error.transient
}
