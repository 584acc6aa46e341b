import { EviError } from '#lib/errors.ts'
import { isTime, readDuration } from './time-units.ts'

export interface NumberRange {
  readonly min: number
  readonly max: number
  /** Whole numbers only. */
  readonly integer?: boolean | undefined
  /** What is counted, such as `events`; a number of `seconds` or `ms` may also be given with a unit of time. */
  readonly unit?: string | undefined
  readonly hint?: string | undefined
}

/**
 * Reads a number in decimal digits, or a duration such as `10s` where the number is one of seconds or milliseconds.
 *
 * @param source what the error names, such as `--timeout`
 * @throws EviError `usage`, with both ends of the range and the unit
 */
export function readNumber(source: string, text: string, { hint, ...range }: NumberRange): number {
  const { min, max, integer, unit } = range
  const pattern = integer ? /^\d{1,15}$/ : /^\d{1,15}(?:\.\d{1,9})?$/
  const bare = pattern.test(text) ? Number(text) : Number.NaN
  const number = (isTime(unit) ? readDuration(text, unit) : undefined) ?? bare
  if (number >= min && number <= max && (!integer || Number.isInteger(number))) return number
  const wanted = `${integer ? 'a whole number' : 'a number'}${unit ? ` of ${unit}` : ''}`
  throw new EviError('usage', `${source} is ${JSON.stringify(text)}, not ${wanted} from ${min} to ${max}.`, {
    hint: isTime(unit)
      ? [hint, `A unit may follow it: ${integer && unit === 'seconds' ? '' : '500ms, '}10s, 5m, 1h, 7d.`]
          .filter(Boolean)
          .join('\n')
      : hint,
  })
}
