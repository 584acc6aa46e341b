import { EviError } from '#lib/errors.ts'
import { readDuration } from '#lib/text/numbers/time-units.ts'

/** Where reading a stream starts: the offset of a message, a time, or one of its ends (`last` is its last chunk). */
export type StreamOffset = 'first' | 'last' | 'next' | number | Date

/**
 * Reads `first`, `last`, `next`, an offset, an ISO 8601 time, or an age such as `10m` or `1h`.
 *
 * @param now what an age is counted back from
 * @throws EviError `usage`
 */
export function readStreamOffset(text: string, now: Date): StreamOffset {
  if (text === 'first' || text === 'last' || text === 'next') return text
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? readTime(text)
    : readAge(text, now)
  // AMQP counts seconds since 1970, without a sign.
  if (time && time.getTime() >= 0) return time
  throw new EviError('usage', `--from is ${JSON.stringify(text)}, which is no place in a stream.`, {
    hint: 'Give first, last, next, an offset (42), a time (2026-11-30T18:00:00Z) or an age (30s, 10m, 1h, 7d).',
  })
}

/** Undefined for a day or an hour that the calendar does not have; a day without an hour is its start by UTC. */
function readTime(text: string): Date | undefined {
  const day = text.slice(0, 10)
  const exists = new Date(`${day}T00:00Z`)
  // A 31st of February would be taken for the 3rd of March.
  if (Number.isNaN(exists.getTime()) || exists.toISOString().slice(0, 10) !== day) return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time
}

function readAge(text: string, now: Date): Date | undefined {
  const age = readDuration(text, 'ms')
  return age === undefined ? undefined : new Date(now.getTime() - age)
}
