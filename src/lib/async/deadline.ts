/** What the promise resolves to, or `'late'` when that takes more than `milliseconds`. */
export async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(resolve, milliseconds, 'late')
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
