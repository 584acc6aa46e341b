/** Milliseconds since a time of `performance.now()`, to a tenth. */
export function millisecondsSince(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10
}
