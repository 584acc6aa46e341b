import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes that V8's space for short-lived objects is to have, its two halves together. */
const size = 8 * 1024 * 1024

/** Percent of what is alive that may gather as garbage; V8's own choice is 0. */
const growth = 20

/** Bytes that Node cuts small buffers from. */
const pool = 8 * 1024

/**
 * Runs an action with a heap that stays small. For a stream, V8 lets its space for short-lived objects grow from 1 MB to
 * 32 MB, which makes nothing faster here. With 1 MB, lines in flight outlive it, and with them the memory of the
 * blocks that they were read in; with 4 MB they do not.
 * What is in flight to thousands of subscribers outlives it all the same, and V8 would let twice and more of what is alive
 * gather as garbage before it looks.
 * What small buffers are cut from has 64 kB in Node 24, and fills up slowly with a broker's confirms.
 */
export async function withSteadyMemory<T>(action: () => Promise<T>): Promise<T> {
  const { poolSize } = Buffer
  Buffer.poolSize = pool
  setFlagsFromString(`--heap-growing-percent=${growth}`)
  const observer = new PerformanceObserver(() => {
    if (youngSize() < size) return
    setFlagsFromString('--semi-space-growth-factor=1')
    observer.disconnect()
  })
  observer.observe({ entryTypes: ['gc'] })
  try {
    return await action()
  } finally {
    observer.disconnect()
    Buffer.poolSize = poolSize
    // V8 takes cached code for the flags only that it was made with.
    setFlagsFromString('--semi-space-growth-factor=2')
    setFlagsFromString('--heap-growing-percent=0')
  }
}

function youngSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
