import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { timeOf } from '../../scripts/program.ts'
import { type Cost, costOf } from '../cost.ts'
import { event } from '../notifications.ts'
import { openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import type { Row } from '../row.ts'

/** What a large store costs. */
export const store: Group = {
  name: 'store',
  method:
    'Whole commands with 100,000 subscriptions, against the same with 10; the event has one subscriber in both.',
  measure: async (rig) => {
    await using queue = await openQueue(rig)
    const [few, many] = [await storeOf(10, queue.name, rig), await storeOf(100_000, queue.name, rig)]
    const run = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
      timeOf([...rig.evi, ...words], { environment })
    const rounds = rig.quick ? 7 : 21
    const raise = await inTurn(rounds, {
      few: () => run(few, 'raise', event, '--sync'),
      many: () => run(many, 'raise', event, '--sync'),
    })
    const list = await inTurn(rounds, {
      few: () => run(few, 'list', event),
      many: () => run(many, 'list', event),
    })
    const subscribe = await inTurn(rig.quick ? 3 : 7, {
      few: () => run(few, 'subscribe', event, 'rabbitmq:127.0.0.1/other'),
      many: () => run(many, 'subscribe', event, 'rabbitmq:127.0.0.1/other'),
    })
    const row = (
      what: string,
      target: Row['target'],
      { few, many }: Record<'few' | 'many', readonly number[]>,
    ): Row => ({
      what: `${what}, 100,000 subscriptions`,
      against: '10 subscriptions',
      target,
      unit: 'ms',
      measured: many,
      reference: few,
    })
    return [
      row('`evi raise --sync`', { atMost: 2 }, raise),
      row('`evi list EVENT`', null, list),
      row('`evi subscribe`', null, subscribe),
      ...(rig.quick ? [] : await millionRows(rig)),
    ]
  },
}

const million = 1_000_000
const tenth = 100_000

/** A store ten times as large, once: what grows with it, grows by ten. */
async function millionRows(rig: Rig): Promise<readonly Row[]> {
  const rows: Row[] = []
  const batch = { many: await peakOfBatch(million, rig), few: await peakOfBatch(tenth, rig) }
  const list = { many: await peakOfList(million, rig), few: await peakOfList(tenth, rig) }
  for (const [what, { many, few }] of [
    ['`evi subscribe --batch` of 1,000,000 lines', batch],
    ['`evi list --json` of 1,000,000 subscriptions', list],
  ] as const) {
    const against = 'of 100,000'
    rows.push(
      { what, against, target: null, unit: 'ms', measured: [many.ms], reference: [few.ms] },
      {
        what: `${what}: memory`,
        against,
        target: null,
        unit: 'MB',
        measured: [many.mb],
        reference: [few.mb],
      },
    )
  }
  return rows
}

async function peakOfBatch(count: number, rig: Rig): Promise<Cost> {
  const file = join(rig.directory, `million-${count}`)
  const lines = Array.from({ length: count }, (_, index) => `E_${index} rabbitmq:127.0.0.1/queue_${index}`)
  writeFileSync(file, lines.join('\n'))
  return await costOf([...rig.evi, 'subscribe', '--batch', file], environmentOf(count, rig))
}

async function peakOfList(count: number, rig: Rig): Promise<Cost> {
  return await costOf([...rig.evi, 'list', '--json'], environmentOf(count, rig))
}

function environmentOf(count: number, { environment, directory }: Rig): Rig['environment'] {
  return { ...environment, EVI_CONFIG_DIR: join(directory, `store-of-${count}`) }
}

/** @returns the environment of an evi with so many subscriptions, one of them the queue's */
async function storeOf(
  count: number,
  queue: string,
  { evi, directory, environment, broker }: Rig,
): Promise<Readonly<Record<string, string>>> {
  const file = join(directory, `subscriptions-${count}`)
  const socket = `rabbitmq:${broker.host}:${broker.port}/`
  const others = Array.from({ length: count - 1 }, (_, index) => `E_${index} ${socket}queue_${index}`)
  writeFileSync(file, [...others, `${event} ${socket}${queue}`].join('\n'))
  const of = { ...environment, EVI_CONFIG_DIR: join(directory, `store-${count}`) }
  await timeOf([...evi, 'subscribe', '--batch', file], { environment: of })
  return of
}
