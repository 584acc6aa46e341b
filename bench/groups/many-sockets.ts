import { once } from 'node:events'
import { type Channel, connect } from 'amqplib'
import { said, start, timeOf } from '../../scripts/program.ts'
import { CpuLog } from '../cpu.ts'
import { notification } from '../notifications.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import type { Row } from '../row.ts'
import { storeWith } from '../store-with.ts'
import { block, eventsPerSecond } from './tail.ts'

const sockets = 1000
/** Fewer than of the group tail: each is published with as many routing keys as there are sockets, which takes longer. */
const blocks = 2
const exchanges = ['bench-many-0', 'bench-many-1', 'bench-many-2', 'bench-many-3'] as const

/** Watching and checking many sockets of one broker. */
export const manySockets: Group = {
  name: 'many-sockets',
  method:
    `${sockets} sockets of one broker, their routing keys bound to topic exchanges: to one for tail, to four for check. Opening is the time from the start of ` +
    `the program until it says that it watches; running is measured as in the group tail, with ${blocks} blocks, each event with the next of the routing keys.`,
  measure: async (rig) => {
    const model = await connect({ hostname: rig.broker.host, port: rig.broker.port }, { noDelay: true })
    const channel = await model.createChannel()
    for (const exchange of exchanges) await channel.assertExchange(exchange, 'topic', { durable: false })
    try {
      return await measureMany(rig, channel)
    } finally {
      for (const exchange of exchanges) await channel.deleteExchange(exchange)
      await model.close()
    }
  },
}

async function measureMany(rig: Rig, channel: Channel): Promise<readonly Row[]> {
  const many = await subscribed(rig, sockets, 1)
  const one = await subscribed(rig, 1, 1)
  const spread = await subscribed(rig, sockets, exchanges.length)
  const cpu = new CpuLog(rig)
  const running = (name: string, environment: Rig['environment'], keys: number) => async () =>
    await eventsPerSecond(
      [...rig.evi, 'tail', '--raw', '--count', String(blocks * block)],
      { ...rig, environment },
      {
        blocks,
        publish: () => publishBlock(channel, keys),
        ready: 'Watching',
        onCpu: (microseconds) => cpu.note(name, microseconds),
      },
    )
  const check = (environment: Rig['environment']) => timeOf([...rig.evi, 'check'], { environment })
  const measured = await inTurn(3, {
    openMany: () => timeToWatch(rig, many),
    openOne: () => timeToWatch(rig, one),
    runMany: running('many', many, sockets),
    runOne: running('one', one, 1),
    checkMany: () => check(spread),
    checkOne: () => check(one),
  })
  const run: Row = {
    what: `\`evi tail --raw\` of ${sockets} sockets of one exchange into a file`,
    against: 'the same of one socket',
    target: { atLeast: 0.9 },
    unit: '/s',
    measured: measured.runMany,
    reference: measured.runOne,
  }
  return [
    {
      what: `\`evi tail\` of ${sockets} sockets of one exchange, until all are watched`,
      against: 'one socket (1000 ms for all is the target)',
      target: null,
      unit: 'ms',
      measured: measured.openMany,
      reference: measured.openOne,
    },
    run,
    cpu.row(run, ['many', 'one'], null),
    {
      what: `\`evi check\` of ${sockets} sockets on ${exchanges.length} exchanges`,
      against: 'one socket (2000 ms for all is the target)',
      target: null,
      unit: 'ms',
      measured: measured.checkMany,
      reference: measured.checkOne,
    },
  ]
}

async function timeToWatch(rig: Rig, environment: Rig['environment']): Promise<number> {
  const begin = performance.now()
  const program = start([...rig.evi, 'tail'], { stdio: ['ignore', 'ignore', 'pipe'] }, environment)
  await said(program, 'Watching')
  const ms = performance.now() - begin
  program.child.kill('SIGINT')
  await program.ended
  return ms
}

/** Without confirms, which would cost more than the publishing; the last answer comes behind all messages. */
async function publishBlock(channel: Channel, keys: number): Promise<void> {
  const body = Buffer.from(notification)
  for (let index = 0; index < block; index++) {
    if (!channel.publish(exchanges[0], `k.${index % keys}`, body)) await once(channel, 'drain')
  }
  await channel.checkExchange(exchanges[0])
}

/** The environment of an evi whose event has so many sockets as subscribers, on so many of the exchanges in turn. */
async function subscribed(rig: Rig, number: number, on: number): Promise<Rig['environment']> {
  const routes = Array.from({ length: number }, (_, index) => `${exchanges[index % on]}?k.${index}`)
  return await storeWith(rig, `many-sockets-${number}-${on}`, routes)
}
