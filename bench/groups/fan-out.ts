import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { timeOf } from '../../scripts/program.ts'
import { CpuLog } from '../cpu.ts'
import { event, notification } from '../notifications.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import { onceMore, type Row } from '../row.ts'
import { storeWith } from '../store-with.ts'

const subscribers = 2000
const prefix = 'bench-fan-out-'

/** Many subscribers of one broker. */
export const fanOut: Group = {
  name: 'fan-out',
  method:
    `Notifications of 150 bytes for ${subscribers} subscribers, each a classic transient queue that keeps the last 10; messages a second, from the start ` +
    'of the program to its end. The C program publishes to the same queues on one channel, mandatory, with a window of 1000.',
  measure: async (rig) => {
    const model = await connect({ hostname: rig.broker.host, port: rig.broker.port }, { noDelay: true })
    const channel = await model.createChannel()
    const queues = Array.from({ length: subscribers }, (_, index) => `${prefix}${index}`)
    const options = { durable: false, arguments: { 'x-max-length': 10 } }
    await Promise.all(queues.map((name) => channel.assertQueue(name, options)))
    try {
      return await measureFanOut(rig, queues)
    } finally {
      await Promise.all(queues.map((name) => channel.deleteQueue(name)))
      await model.close()
    }
  },
}

async function measureFanOut(rig: Rig, queues: readonly string[]): Promise<readonly Row[]> {
  const { evi, c, quick } = rig
  const { host, port } = rig.broker
  const many = await storeWith(rig, 'fan-out-many', queues)
  const one = await storeWith(rig, 'fan-out-one', queues.slice(0, 1))
  const events = quick ? 20 : 100
  const input = join(rig.directory, 'fan-out-events')
  await writeFile(input, `${notification}\n`.repeat(events))
  const cpu = new CpuLog(rig)
  const messages = events * queues.length
  const perSecond = async (name: string, command: readonly string[], environment = rig.environment) =>
    (messages * 1000) / (await cpu.timeOf(name, command, { input, environment, events: messages }))
  const reference = (name: string) => async () =>
    await perSecond(name, [c['fan-out'], String(port), prefix, String(queues.length), '1000'])
  const measured = await inTurn(quick ? 3 : 5, {
    evi: () => perSecond('evi', [...evi, 'raise', '-', '--sync'], many),
    c: reference('c'),
    again: reference('again'),
    toMany: () => timeOf([...evi, 'raise', event, '--sync'], { environment: many }),
    toOne: () => timeOf([...evi, 'raise', event, '--sync'], { environment: one }),
  })
  const stream: Row = {
    what: `\`evi raise - --sync\`, ${events} events × ${subscribers} subscribers on ${host}`,
    against: 'C, one channel, confirms, window 1000',
    target: { atLeast: 1 },
    unit: '/s',
    measured: measured.evi,
    reference: measured.c,
  }
  const single: Row = {
    what: `\`evi raise --sync\`, one event to ${subscribers} subscribers`,
    against: 'the same to one subscriber (250 ms more are the target)',
    target: null,
    unit: 'ms',
    measured: measured.toMany,
    reference: measured.toOne,
  }
  return [
    stream,
    cpu.row(stream, ['evi', 'c'], null),
    single,
    onceMore(stream, 'the C program', measured.again),
  ]
}
