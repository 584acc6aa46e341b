import * as Flags from '@oclif/core/flags'
import { type NumberRange, readNumber } from '#lib/text/read-number.ts'

interface FlagOptions {
  readonly char?: 'n'
  readonly description: string
  readonly exclusive?: string[]
  readonly helpGroup?: string
  readonly helpValue: string
}

/** A flag that takes a number of the range; its refusal names both ends and the unit. */
export function numberFlag({ min, max, integer, unit, hint, ...options }: NumberRange & FlagOptions) {
  return Flags.custom<number>({
    ...options,
    parse: async (text, _context, { name }) =>
      readNumber(`--${name}`, text, { min, max, integer, unit, hint }),
  })()
}
