import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'amqplib'
import { said, start, timeOf } from '../../scripts/program.ts'
import { CpuLog, cpuTimeOf } from '../cpu.ts'
import { notification, writeNotifications } from '../notifications.ts'
import type { Group, Rig } from '../rig.ts'
import { inTurn } from '../rounds.ts'
import { onceMore, type Row } from '../row.ts'

/** Events that arrive, written to a file. */
export const tail: Group = {
  name: 'tail',
  method:
    'Each watches alone, its queue bound to an exchange. It is stopped (SIGSTOP), a block of 90,000 notifications of 150 ' +
    'bytes is published (less than the 100,000 that a queue of tail keeps), it goes on (SIGCONT), and the time until the ' +
    'file has them all counts; so the publisher costs neither of them anything. One measurement ' +
    'is six such blocks.',
  measure: async (rig) => {
    const { host, port } = rig.broker
    const model = await connect({ hostname: host, port })
    const channel = await model.createChannel()
    await channel.assertExchange(exchange, 'direct', { durable: false })
    const input = join(rig.directory, 'block')
    writeNotifications(input, block)
    const socket = `rabbitmq:guest:guest@${host}:${port}/${exchange}?${key}`
    const cpu = new CpuLog(rig)
    const onCpu = (name: string) => (microseconds: number) => cpu.note(name, microseconds)
    const publish = async () => {
      await timeOf([rig.c.publish, String(port), exchange, key, '1000'], { input })
    }
    const eviPerSecond = () =>
      eventsPerSecond([...rig.evi, 'tail', '--raw', '--count', String(total), '--socket', socket], rig, {
        blocks,
        publish,
        ready: 'Watching',
        onCpu: onCpu('evi'),
      })
    const cPerSecond = async () => {
      const { queue } = await channel.assertQueue('', queueOptions)
      await channel.bindQueue(queue, exchange, key)
      return await eventsPerSecond([rig.c.consume, String(port), queue, prefetch, String(total)], rig, {
        blocks,
        publish,
        ready: 'Watching',
        onCpu: onCpu('c'),
      })
    }
    const rates = await inTurn(rig.quick ? 3 : 7, { evi: eviPerSecond, c: cPerSecond, again: cPerSecond })
    await channel.deleteExchange(exchange)
    await model.close()
    const row: Row = {
      what: '`evi tail --raw` into a file',
      against: `C, prefetch ${prefetch}, acknowledged by half of it`,
      target: { atLeast: 1 },
      unit: '/s',
      measured: rates.evi,
      reference: rates.c,
    }
    return [row, cpu.row(row, ['evi', 'c'], 1), onceMore(row, 'the C program', rates.again)]
  },
}

const exchange = 'bench-tail'
const key = 'bench'
const prefetch = '1000'
export const block = 90_000
const blocks = 6
const total = blocks * block
const blockBytes = block * (notification.length + 1)
/** As those of tail, but for `exclusive`: the benchmark declares it for the C program. */
const queueOptions = {
  durable: false,
  autoDelete: true,
  arguments: { 'x-max-length': 100_000, 'x-overflow': 'drop-head' },
}

/** How a program that watches is measured. */
export interface Work {
  /** How many are published, one after the other; the program ends after the last. */
  readonly blocks: number
  /** Publishes a block of notifications. */
  readonly publish: () => Promise<void>
  /** What the program says on stderr once its queue is bound. */
  readonly ready: string
  /** Called with the CPU time per event of all blocks but the last, in microseconds. */
  readonly onCpu: (microseconds: number) => void
}

/** Events that a program writes to a file in a second, see the method of the group. */
export async function eventsPerSecond(
  command: readonly string[],
  rig: Rig,
  { blocks, publish, ready, onCpu }: Work,
): Promise<number> {
  const path = join(rig.directory, 'watched')
  const file = openSync(path, 'w')
  const program = start(command, { stdio: ['ignore', file, 'pipe'] }, rig.environment)
  closeSync(file)
  const { child, ended } = program
  await said(program, ready)
  const pid = child.pid as number
  const cpuBefore = cpuTimeOf(pid)
  let ms = 0
  for (let written = 1; written <= blocks; written++) {
    child.kill('SIGSTOP')
    if (written === blocks) onCpu((cpuTimeOf(pid) - cpuBefore) / (block * (blocks - 1)))
    await publish()
    const begin = performance.now()
    child.kill('SIGCONT')
    while (isRunning(child) && statSync(path).size < written * blockBytes) await wait(1)
    ms += performance.now() - begin
  }
  await ended
  return ((blocks * block) / ms) * 1000
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}
