import { distance } from 'fastest-levenshtein'

/**
 * The candidate that a word was most likely meant to be: one that differs in case only, or else the one with the fewest
 * letters to change. Undefined where none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase()
  const most = (candidate: string) => mostChanges(Math.max(word.length, candidate.length))
  const near = candidates
    // Counting the letters to change takes a raise of an event of the user's own a millisecond.
    .filter((candidate) => Math.abs(word.length - candidate.length) <= most(candidate))
    .map((candidate) => ({ candidate, changes: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, changes }) => changes <= most(candidate))
  return near.sort((one, other) => one.changes - other.changes)[0]?.candidate
}

/** A fourth of the letters, or two of them, but not more than half of a short word. */
function mostChanges(length: number): number {
  return Math.min(Math.max(2, Math.floor(length / 4)), length / 2)
}
