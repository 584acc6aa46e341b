import type { ChildProcess } from 'node:child_process'
import { peakMemoryOf, start } from '../scripts/program.ts'
import type { Rig } from './rig.ts'

/** What a command took. */
export interface Cost {
  readonly ms: number
  /** The peak of its resident memory. */
  readonly mb: number
}

/** Milliseconds between looks; the peak only grows, so just the very end can be missed. */
const interval = 10

/** Runs a command to its end. @param feed writes to its stdin, which is closed by it */
export async function costOf(
  command: readonly string[],
  environment: Rig['environment'],
  feed: (child: ChildProcess) => void = ({ stdin }) => stdin?.end(),
): Promise<Cost> {
  const begin = performance.now()
  const { child, ended } = start(command, { stdio: ['pipe', 'ignore', 'pipe'] }, environment)
  let mb = 0
  const timer = setInterval(() => {
    mb = Math.max(mb, peakMemoryOf(child))
  }, interval)
  try {
    feed(child)
    await ended
  } finally {
    clearInterval(timer)
  }
  return { ms: performance.now() - begin, mb }
}
