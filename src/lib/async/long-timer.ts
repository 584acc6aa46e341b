/** Node's timers fire after 1 ms when they are to wait for longer: 24.8 days. */
const longest = 2 ** 31 - 1

/** Calls `action` after the milliseconds, however many. @returns what stops it */
export function startTimer(milliseconds: number, action: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.min(left, longest))
  }
  wait(milliseconds)
  return () => clearTimeout(timer)
}

/** Resolves after the milliseconds, however many. */
export async function pause(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  startTimer(milliseconds, resolve)
  await promise
}
