import * as Flags from '@oclif/core/flags'
import { type NumberRange, readNumber } from '#lib/text/numbers/read-number.ts'
import { isTime } from '#lib/text/numbers/time-units.ts'

interface FlagOptions {
  readonly aliases?: string[]
  readonly char?: 'n'
  readonly description: string
  readonly dependsOn?: string[]
  readonly exclusive?: string[]
  readonly helpGroup?: string
  readonly helpValue: string
}

/** A flag that takes a number of the range, or a duration; its refusal names both ends and the unit. */
export function numberFlag({ min, max, integer, unit, hint, ...options }: NumberRange & FlagOptions) {
  const units = isTime(unit) ? ` [10s, 5m, 1h, or a number of ${unit}]` : ''
  return Flags.custom<number>({
    ...options,
    description: options.description + units,
    parse: async (text, _context, { name }) =>
      readNumber(`--${name}`, text, { min, max, integer, unit, hint }),
  })()
}
