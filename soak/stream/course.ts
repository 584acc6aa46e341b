import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome, Rig } from '../scenario.ts'
import { Consumer } from './consumer.ts'
import { numberOf } from './events.ts'
import { NumberedStream, type StreamEnd } from './numbered-stream.ts'
import { Tally } from './tally.ts'

/** A stream that is to be delivered whole, whatever happens. */
export interface Course {
  readonly rig: Rig
  /** Where evi raises. */
  readonly socket: string
  /** For evi, beside what each course has. */
  readonly argv?: readonly string[]
  readonly queue: string
  /** Where the consumer finds the queue now. */
  readonly consumerPort: () => number
  readonly events: number
  readonly faults: number
  /** Causes a fault and mends it, while the stream runs. */
  readonly strike: (index: number) => Promise<void>
}

/** The most events between the moment the consumer has left and the fault. */
const lead = 5000

/** Streams the events through the faults, and counts them at the consumer. */
export async function run(course: Course): Promise<Outcome> {
  const { rig, queue, consumerPort, events, faults, strike } = course
  const tally = new Tally(events)
  await using consumer = new Consumer({ queue, tally })
  await consumer.attach(consumerPort())
  using stream = startStream(course)
  const places = rig.random.spread(faults, events)
  // Where the first connection fails, evi ends at once.
  stream.open(1)
  await consumer.sees(1, stream.ended)
  stream.open(places[0] ?? events)
  for (const [index, place] of places.entries()) {
    await stream.fedTo(place)
    await consumer.detach()
    const next = places[index + 1] ?? events
    const start = place + rig.random.between(1, Math.min(lead, Math.floor((next - place) / 2)))
    stream.open(next)
    await stream.fedTo(start)
    rig.progress(`fault ${index + 1} of ${faults}, ${tally.count.toLocaleString('en')} events arrived`)
    await strike(index)
    stream.look()
    await consumer.attach(consumerPort())
  }
  const end = await stream.ended
  await consumer.drain()
  return outcomeOf({ rig, stream, end, tally, events, faults })
}

/** `evi raise - --sync` for the course, with what it cannot deliver kept. */
export function startStream({ rig, socket, argv = [], events }: StreamOptions): NumberedStream {
  return new NumberedStream({
    rig,
    numbers: { from: 0, to: events },
    argv: ['--sync', '--failed', failedFile(rig), '-s', socket, ...argv],
  })
}

type StreamOptions = Pick<Course, 'rig' | 'socket' | 'argv' | 'events'>

export interface Run {
  readonly rig: Rig
  readonly stream: NumberedStream
  readonly end: StreamEnd
  readonly tally: Tally
  readonly events: number
  readonly faults: number
}

/** All must have arrived, and evi must say so. */
export function outcomeOf({ rig, stream, end, tally, events, faults }: Run): Outcome {
  const failed = talliedFile(failedFile(rig), events)
  const complaints = [
    ...(end.code === 0 ? [] : [`evi ended with ${end.code}: ${lastLines(end.said)}`]),
    ...(failed.count === 0
      ? []
      : [
          `${failed.count} events are in --failed: ${[...end.failures].map(([why, count]) => `${count} ${why}`).join(', ')}.`,
        ]),
    ...(end.summary?.failed === failed.count
      ? []
      : [`evi reported ${end.summary?.failed} events as failed.`]),
    ...(end.summary?.read === events ? [] : [`evi read ${end.summary?.read} events of ${events}.`]),
    ...(tally.strange === 0 ? [] : [`${tally.strange} messages arrived that evi did not send.`]),
  ]
  return {
    events,
    faults,
    lost: Tally.missing({ from: 0, to: events }, tally, failed),
    duplicated: tally.repeated,
    complaints,
    notes: [`${Math.round(stream.peakMemory)} MB and ${stream.descriptors} file descriptors at the most`],
  }
}

function failedFile({ directory }: Rig): string {
  return join(directory, 'failed')
}

/** The events in a file of --failed. */
export function talliedFile(path: string, events: number): Tally {
  const tally = new Tally(events)
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    if (line !== '') tally.add(numberOf(Buffer.from(line, 'latin1')))
  }
  return tally
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-4).join(' ')
}
