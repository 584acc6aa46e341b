import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes that V8's space for short-lived objects is to have, its two halves together. */
const size = 8 * 1024 * 1024

/** Bytes that Node cuts small buffers from. */
const pool = 8 * 1024

/**
 * Runs an action with a heap that stays small. For a stream, V8 lets its space for short-lived objects grow from 1 MB to
 * 32 MB, which makes nothing faster here. With 1 MB, lines in flight outlive it, and with them the memory of the
 * blocks that they were read in; with 4 MB they do not.
 * Neither does what small buffers are cut from, which in Node 24 has 64 kB, and fills up slowly with a broker's confirms.
 */
export async function withSteadyMemory<T>(action: () => Promise<T>): Promise<T> {
  const { poolSize } = Buffer
  Buffer.poolSize = pool
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
  }
}

function youngSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
