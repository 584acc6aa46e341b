/** Every way evi can end, by the name used in `{"error":{"code"}}`, with its exit code (docs/exit-codes.md). */
export const exitCodes = {
  'no-subscriber': 4,
  'not-found': 4,
  unroutable: 5,
  usage: 64,
  data: 65,
  'no-input': 66,
  unreachable: 69,
  internal: 70,
  'queue-exists': 73,
  'queue-locked': 73,
  'no-copy': 73,
  'cannot-write': 74,
  timeout: 75,
  blocked: 75,
  rejected: 75,
  unknown: 75,
  busy: 75,
  'no-exchange': 76,
  'opensips-refused': 76,
  precondition: 76,
  refused: 77,
  damaged: 78,
  'timed-out': 124,
  interrupted: 130,
} as const

export type ErrorCode = keyof typeof exitCodes

/** Some subscribers were served and others not. */
export const exitPartly = 3

/** From the gravest to the mildest, for failures that differ (docs/exit-codes.md); what lines themselves lack comes last. */
const gravity: readonly number[] = [77, 69, 76, 5, 75, 73, 65, 64, 4, 130]

/**
 * The exit code for work done for several subscribers or lines: 0 when all were served, 3 when some were, else the gravest
 * failure's own.
 */
export function exitCodeOfAll(served: number, failures: readonly ErrorCode[]): number {
  return failures.length > 0 && served > 0 ? exitPartly : gravestExit(failures)
}

/** Failures from the gravest to the mildest, for what can end with one of them only. */
export function byGravity(one: ErrorCode, other: ErrorCode): number {
  const rank = (code: ErrorCode) => {
    const found = gravity.indexOf(exitCodes[code])
    return found < 0 ? -1 : found
  }
  return rank(one) - rank(other)
}

/** The gravest failure's exit code, 0 without any. */
export function gravestExit(failures: readonly ErrorCode[]): number {
  if (failures.length === 0) return 0
  const codes = new Set<number>(failures.map((failure) => exitCodes[failure]))
  return gravity.find((code) => codes.has(code)) ?? exitCodes.internal
}
