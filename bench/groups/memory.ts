import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { costOf } from '../cost.ts'
import { notification } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import { storeWith } from '../store-with.ts'

const subscribers = 5000
/** To all of them together. */
const messages = 500_000

/** The memory of a stream, whatever its length and the number of its subscribers. */
export const memory: Group = {
  name: 'memory',
  method:
    'The peak of the resident memory (`VmHWM` in /proc) of `evi raise - --sync`, fed through a pipe as fast as it reads. ' +
    `Many subscribers get ${messages.toLocaleString('en')} messages in all, as one does.`,
  measure: async (rig) => {
    await using queue = await openQueue(rig)
    const few = 50_000
    const many = rig.quick ? 500_000 : 5_000_000
    const routes = Array.from({ length: subscribers }, (_, index) => `amq.fanout?k.${index}`)
    await queue.channel.bindQueue(queue.name, 'amq.fanout', '')
    const environment = await storeWith(rig, 'memory', routes)
    const peaks = await inTurn(3, {
      few: () => peakOf(few, rig),
      many: () => peakOf(many, rig),
      toOne: () => peakOf(messages, rig),
      toMany: () => peakOf(messages / subscribers, { ...rig, environment }),
    })
    return [
      {
        what: `memory of a stream of ${many.toLocaleString('en')} events`,
        against: `${few.toLocaleString('en')} events`,
        target: { atMost: 1.1 },
        unit: 'MB',
        measured: peaks.many,
        reference: peaks.few,
      },
      {
        what: `memory of a stream to ${subscribers.toLocaleString('en')} subscribers`,
        against: 'to one',
        target: { atMost: 1.5 },
        unit: 'MB',
        measured: peaks.toMany,
        reference: peaks.toOne,
      },
    ]
  },
}

/** @returns the peak in MB */
async function peakOf(count: number, { evi, environment }: Rig): Promise<number> {
  const { mb } = await costOf([...evi, 'raise', '-', '--sync'], environment, ({ stdin }) => {
    // A program that ends early says why as it ends.
    feed(stdin as Writable, count).catch(() => {})
  })
  return mb
}

async function feed(pipe: Writable, count: number): Promise<void> {
  const lines = Math.min(count, 1000)
  const block = `${notification}\n`.repeat(lines)
  for (let fed = 0; fed < count; fed += lines) {
    if (!pipe.write(block)) await once(pipe, 'drain')
  }
  pipe.end()
}
