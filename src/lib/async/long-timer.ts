/** Milliseconds, 24.8 days: the longest that a timer of Node waits. One that is set to wait longer fires after 1 ms. */
const longest = 2 ** 31 - 1

/** Calls `action` after so many milliseconds, which may be more than a timer of Node can wait. @returns what stops it */
export function startTimer(milliseconds: number, action: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.min(left, longest))
  }
  wait(milliseconds)
  return () => clearTimeout(timer)
}

/** Resolves after so many milliseconds, which may be more than a timer of Node can wait. */
export async function pause(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  startTimer(milliseconds, resolve)
  await promise
}
