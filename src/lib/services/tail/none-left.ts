import { EviError } from '#lib/errors.ts'
import { byGravity } from '#lib/exit-codes.ts'

interface Failed {
  readonly error: EviError
}

/**
 * The end where all have failed: their reason where it is the same, else the gravest code.
 *
 * @param what such as `sockets can be watched`
 */
export function noneLeft(failures: readonly Failed[], what: string): EviError {
  const [gravest] = failures.toSorted((one, other) => byGravity(one.error.code, other.error.code)) as [Failed]
  const { code, message, hint } = gravest.error
  if (areSame(failures)) return new EviError(code, message, { hint, cause: gravest.error })
  return new EviError(code, `None of the ${failures.length} ${what}.`)
}

/** Whether all have failed for one reason. */
export function areSame(failures: readonly Failed[]): boolean {
  return failures.every(({ error }) => error.message === failures[0]?.error.message)
}
