import { type ErrorCode, exitCodes } from './exit-codes.ts'

/** A failure that evi understands: one sentence that names the thing, and one that says what to do. */
export class EviError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EviError'
    this.code = code
    this.hint = options.hint
  }

  /** The process's exit code (SPEC 7). */
  get exit(): number {
    return exitCodes[this.code]
  }
}

/** The `code` of a Node.js system error (`ENOENT`, `EACCES`, …), if it is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Stdout or stderr cannot be written, so that it cannot be told there, either. */
export class UnwritableOutput extends EviError {}

/** Why stdout or stderr cannot be written. */
export function unwritable(error: Error): UnwritableOutput {
  const reason = systemCode(error) ?? error.message
  return new UnwritableOutput('cannot-write', `The output cannot be written: ${reason}.`, { cause: error })
}
