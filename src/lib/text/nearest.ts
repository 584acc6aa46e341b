import { distance } from 'fastest-levenshtein'

/**
 * The candidate that a word was most likely meant to be: one that differs in case only, or else the one with the fewest
 * letters to change. Undefined where none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase()
  const near = candidates
    .map((candidate) => ({ candidate, changes: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, changes }) => changes <= mostChanges(Math.max(word.length, candidate.length)))
  return near.sort((one, other) => one.changes - other.changes)[0]?.candidate
}

/** A fourth of the letters, or two of them, but not more than half of a short word. */
function mostChanges(length: number): number {
  return Math.min(Math.max(2, Math.floor(length / 4)), length / 2)
}
