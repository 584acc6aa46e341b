/** Hands out what was held back, unless it has been handed out or is not wanted any more. */
export type Release = (exitCode: unknown) => void

/**
 * Holds back all that evi prints, for --quiet: what the returned function, or else the end of the process, hands out
 * when the exit code is not 0, in the order in which it was printed.
 */
export function holdOutput(): Release {
  const held: (() => void)[] = []
  const streams = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream)
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
      held.push(() => write(chunk))
      const written = typeof encoding === 'function' ? encoding : callback
      if (typeof written === 'function') queueMicrotask(() => written())
      return true
    }) as typeof stream.write
    return { stream, write }
  })
  const release: Release = (exitCode) => {
    for (const { stream, write } of streams) stream.write = write as typeof stream.write
    const all = held.splice(0)
    if (exitCode) for (const print of all) print()
  }
  process.once('exit', release)
  return release
}
