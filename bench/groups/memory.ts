import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { peakMemoryOf, start } from '../../scripts/program.ts'
import { notification } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'

/** The memory of a stream, whatever its length. */
export const memory: Group = {
  name: 'memory',
  method:
    'The peak of the resident memory (`VmHWM` in /proc) of `evi raise - --sync`, fed through a pipe as fast as it reads.',
  measure: async (rig) => {
    await using _queue = await openQueue(rig)
    const few = 50_000
    const many = rig.quick ? 500_000 : 5_000_000
    const reference: number[] = []
    const measured: number[] = []
    for (let round = 0; round < 3; round++) {
      reference.push(await peakOf(few, rig))
      measured.push(await peakOf(many, rig))
    }
    return [
      {
        what: `memory of a stream of ${many.toLocaleString('en')} events`,
        against: `${few.toLocaleString('en')} events`,
        target: { atMost: 1.1 },
        unit: 'MB',
        measured,
        reference,
      },
    ]
  },
}

/** Milliseconds between looks; the peak only grows, so just the very end can be missed. */
const interval = 10

/** @returns the peak in MB */
async function peakOf(count: number, { evi, environment }: Rig): Promise<number> {
  const { child, ended } = start(
    [...evi, 'raise', '-', '--sync'],
    { stdio: ['pipe', 'ignore', 'pipe'] },
    environment,
  )
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, peakMemoryOf(child))
  }, interval)
  try {
    // A program that ends early says why as it ends.
    feed(child.stdin as Writable, count).catch(() => {})
    await ended
  } finally {
    clearInterval(timer)
  }
  return peak
}

async function feed(pipe: Writable, count: number): Promise<void> {
  const lines = 1000
  const block = `${notification}\n`.repeat(lines)
  for (let fed = 0; fed < count; fed += lines) {
    if (!pipe.write(block)) await once(pipe, 'drain')
  }
  pipe.end()
}
