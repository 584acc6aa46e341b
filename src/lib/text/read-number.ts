import { EviError } from '#lib/errors.ts'

export interface NumberRange {
  readonly min: number
  readonly max: number
  /** Whole numbers only. */
  readonly integer?: boolean | undefined
  /** What is counted, such as `seconds`. */
  readonly unit?: string | undefined
  readonly hint?: string | undefined
}

/**
 * Reads a number in decimal digits.
 *
 * @param source what to blame, such as `--timeout`
 * @throws EviError `usage`, with both ends of the range and the unit
 */
export function readNumber(source: string, text: string, { hint, ...range }: NumberRange): number {
  const { min, max, integer, unit } = range
  const pattern = integer ? /^\d{1,15}$/ : /^\d{1,15}(?:\.\d{1,9})?$/
  const number = pattern.test(text) ? Number(text) : Number.NaN
  if (number >= min && number <= max) return number
  const wanted = `${integer ? 'a whole number' : 'a number'}${unit ? ` of ${unit}` : ''}`
  throw new EviError('usage', `${source} is ${JSON.stringify(text)}, not ${wanted} from ${min} to ${max}.`, {
    hint,
  })
}
