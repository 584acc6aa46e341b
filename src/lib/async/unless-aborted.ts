/** What the promise resolves to, or `'stopped'` as soon as the signal says so. */
export async function unlessStopped<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | 'stopped'> {
  const { promise: stopped, resolve } = Promise.withResolvers<'stopped'>()
  const stop = () => resolve('stopped')
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([stopped, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
