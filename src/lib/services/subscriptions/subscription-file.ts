import { readSubscriptionLine, type SubscriptionLine } from '#lib/domain/subscription/subscription-line.ts'
import { EviError } from '#lib/errors.ts'

/** Lines that are reported one by one; more would hide them. */
const listedProblems = 20

/**
 * Reads a whole file of subscriptions, a line each.
 *
 * @throws EviError `data` with the number of each line that is none
 */
export function readSubscriptionLines(text: string): readonly SubscriptionLine[] {
  const problems: string[] = []
  const lines = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line, index) => {
      try {
        return readSubscriptionLine(line) ?? []
      } catch (error) {
        if (!(error instanceof EviError)) throw error
        problems.push(`line ${index + 1}: ${error.message}`)
        return []
      }
    })
  if (problems.length === 0) return lines
  const others = problems.length > listedProblems ? [`and ${problems.length - listedProblems} more`] : []
  throw new EviError('data', [...problems.slice(0, listedProblems), ...others].join('\n'), {
    hint: 'Nothing was stored. A line is EVENT SOCKET [TIME], or a JSON object with "event", "socket" and "expire".',
  })
}
