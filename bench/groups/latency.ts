import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { start } from '../../scripts/program.ts'
import { notification } from '../notifications.ts'
import { type BenchQueue, openQueue } from '../queue.ts'
import type { Group, Rig } from '../rig.ts'
import { median } from '../row.ts'

/** A single line through a stream that is open, as a long-lived producer sends it. */
export const latency: Group = {
  name: 'latency',
  method:
    'Both programs stand open, each with a pipe; lines are written to them in turn, each after the one before has ' +
    'arrived. Timed by the benchmark, for both alike: from writing a line into the pipe to its arrival at a consumer of ' +
    'the queue; the median of a round, for which both are started afresh. The C program waits for the confirm of each ' +
    'line, and takes its own time from publish to confirm, which contains neither the pipe nor the consumer.',
  measure: async (rig) => {
    await using queue = await openQueue(rig)
    const arrival = await consumeFrom(queue)
    const rounds: Round[] = []
    for (let round = 0; round < (rig.quick ? 3 : 11); round++) rounds.push(await measure(rig, queue, arrival))
    const unit = 'µs'
    const measured = rounds.map(({ evi }) => evi)
    const reference = rounds.map(({ c }) => c)
    const confirm = rounds.map((round) => round.confirm)
    return [
      {
        what: 'one line through an open `evi raise - --sync`, pipe to consumer',
        against: 'C, pipe to consumer',
        target: { atMost: 2 },
        unit,
        measured,
        reference,
      },
      {
        what: 'the same',
        against: 'C, publish to confirm only',
        target: null,
        unit,
        measured,
        reference: confirm,
      },
      {
        what: 'one line through the C program, pipe to consumer',
        against: 'C, publish to confirm only',
        target: null,
        unit,
        measured: reference,
        reference: confirm,
      },
    ]
  },
}

/** Microseconds. */
interface Round {
  readonly evi: number
  readonly c: number
  /** The C program's own time from publish to confirm. */
  readonly confirm: number
}

type Arrival = () => Promise<void>

const lines = 500

async function measure(
  { evi, c, broker, environment }: Rig,
  queue: BenchQueue,
  arrival: Arrival,
): Promise<Round> {
  const programs = [
    start([...evi, 'raise', '-', '--sync'], { stdio: ['pipe', 'ignore', 'pipe'] }, environment),
    start([c.latency, String(broker.port), '', queue.name], { stdio: 'pipe' }),
  ] as const
  const [eviPipe, cPipe] = programs.map(({ child }) => child.stdin as Writable) as [Writable, Writable]
  const printed = text(programs[1].child.stdout as Readable)
  // The first line waits for the connection.
  for (const pipe of [eviPipe, cPipe]) await send(pipe, arrival)
  const times = { evi: [] as number[], c: [] as number[] }
  for (let line = 0; line < lines; line++) {
    times.evi.push(await send(eviPipe, arrival))
    times.c.push(await send(cPipe, arrival))
  }
  eviPipe.end()
  cPipe.end()
  await Promise.all(programs.map(({ ended }) => ended))
  const confirms = (await printed)
    .trim()
    .split('\n')
    .map((nanoseconds) => Number(nanoseconds) / 1000)
  return { evi: median(times.evi), c: median(times.c), confirm: median(confirms) }
}

/** @returns microseconds from writing a line to its arrival */
async function send(pipe: Writable, arrival: Arrival): Promise<number> {
  const start = performance.now()
  const arrived = arrival()
  pipe.write(`${notification}\n`)
  await arrived
  return (performance.now() - start) * 1000
}

async function consumeFrom({ channel, name }: BenchQueue): Promise<Arrival> {
  let arrived = () => {}
  await channel.consume(name, () => arrived(), { noAck: true })
  return () =>
    new Promise((resolve) => {
      arrived = resolve
    })
}
