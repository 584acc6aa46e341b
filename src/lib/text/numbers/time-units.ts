/** Milliseconds in each unit that a duration may be given in. */
const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type TimeUnit = keyof typeof milliseconds

const abbreviations: Readonly<Record<string, TimeUnit>> = { ms: 'ms', seconds: 's' }

/** Whether a number is a duration, by the name of its unit: `ms` or `seconds`. */
export function isTime(unit: string | undefined): unit is string {
  return unit !== undefined && Object.hasOwn(abbreviations, unit)
}

/**
 * Reads a duration with a unit: `500ms`, `10s`, `5m`, `1h`, `7d`, fractions too.
 *
 * @param unit of the result: `ms` or `seconds`
 * @returns undefined for anything else, a bare number included
 */
export function readDuration(text: string, unit: string): number | undefined {
  const [, amount, given] = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d)$/.exec(text) ?? []
  const wanted = abbreviations[unit]
  if (amount === undefined || wanted === undefined) return undefined
  // To the microsecond, as 1.005 * 1000 is not quite 1005.
  const exact = (Number(amount) * milliseconds[given as TimeUnit]) / milliseconds[wanted]
  return Math.round(exact * 1e6) / 1e6
}
