/**
 * What the promise resolves to, or `'late'` when that takes more than `milliseconds`. An answer that came while this process
 * stood still, as on a busy machine, is not late: it is read before the time is said to be over.
 */
export async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  // Node.js runs timers before it reads what came in the same moment, and immediates after it.
  const timer = setTimeout(() => setImmediate(resolve, 'late'), milliseconds)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
