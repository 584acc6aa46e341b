import { join } from 'node:path'
import { CpuLog } from '../cpu.ts'
import { writeNotifications } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn, type Measure } from '../rounds.ts'
import { onceMore, type Row } from '../row.ts'

/** Streams of notifications, against C programs that publish the same lines. */
export const publish: Group = {
  name: 'publish',
  method:
    'Notifications of 150 bytes, one a line, from a file on stdin to one classic transient queue with `x-max-length` ' +
    '1000; events a second, from the start of the program to its end. Both publish mandatory and close in order.',
  measure: async (rig) => {
    await using queue = await openQueue(rig)
    const { evi, c, environment } = rig
    const { count, input } = stream(rig)
    const cpu = new CpuLog(rig)
    const eventsPerSecond =
      (name: string, ...command: string[]): Measure =>
      async () => {
        const ms = await cpu.timeOf(name, command, { input, environment, events: count })
        await queue.empty()
        return (count / ms) * 1000
      }
    const port = String(rig.broker.port)
    const rates = await inTurn(rig.quick ? 3 : 5, {
      evi: eventsPerSecond('evi', ...evi, 'raise', '-', '--sync'),
      c: eventsPerSecond('c', c.publish, port, '', queue.name, '1000'),
      eviPlain: eventsPerSecond('eviPlain', ...evi, 'raise', '-', '--no-sync'),
      cPlain: eventsPerSecond('cPlain', c.publish, port, '', queue.name, '0'),
      cAgain: eventsPerSecond('cAgain', c.publish, port, '', queue.name, '1000'),
    })
    const words = `${count.toLocaleString('en')} events`
    const confirmed: Row = {
      what: `\`evi raise - --sync\`, ${words}`,
      against: 'C, confirms, window 1000',
      target: { atLeast: 1 },
      unit: '/s',
      measured: rates.evi,
      reference: rates.c,
    }
    const plain: Row = {
      what: `\`evi raise -\`, asynchronous, ${words}`,
      against: 'C, confirms, window 1000',
      target: { atLeast: 1 },
      unit: '/s',
      measured: rates.eviPlain,
      reference: rates.c,
    }
    const unconfirmed: Row = {
      what: 'the same, though evi asks for confirms in asynchronous mode, too',
      against: 'C without confirms',
      target: null,
      unit: '/s',
      measured: rates.eviPlain,
      reference: rates.cPlain,
    }
    return [
      confirmed,
      cpu.row(confirmed, ['evi', 'c'], 0.9),
      plain,
      cpu.row(plain, ['eviPlain', 'c'], null),
      unconfirmed,
      cpu.row({ ...unconfirmed, what: plain.what }, ['eviPlain', 'cPlain'], 1.1),
      onceMore(confirmed, 'the C program with confirms', rates.cAgain),
    ]
  },
}

function stream({ directory, quick }: Rig): { count: number; input: string } {
  const count = quick ? 100_000 : 1_000_000
  const input = join(directory, 'notifications')
  writeNotifications(input, count)
  return { count, input }
}
