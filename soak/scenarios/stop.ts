import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes, exitPartly } from '#lib/exit-codes.ts'
import { type ClusterNode, startBroker } from '../../test/helpers/brokers/cluster.ts'
import { makeQueue } from '../queue.ts'
import type { Rig, Scenario } from '../scenario.ts'
import { Consumer } from '../stream/consumer.ts'
import { talliedFile } from '../stream/course.ts'
import { type Numbers, numberedEvents } from '../stream/events.ts'
import { NumberedStream, type StreamEnd } from '../stream/numbered-stream.ts'
import { Tally } from '../stream/tally.ts'

const endings = ['interrupted in an outage', 'interrupted at full speed', 'given up'] as const
const inputs = ['a file', 'a pipe'] as const
/** Events of a round, at the most. */
const size = 100_000
/** Events that arrive before anything happens, so that evi has had confirms. */
const lead = 5000
/** Milliseconds of an outage before the signal, at the most. */
const outage = 1500

export const stop: Scenario = {
  name: 'stop',
  promise:
    'Streams from a file or a pipe that stays open end before all is delivered: by a signal in the middle of an outage ' +
    '(the broker is killed) or at full speed, or as `--retry-for 1` is over while the broker is away. Every event that was ' +
    'in the file or had been written to the pipe is at the consumer or in --failed, the exit code is 130 or 3, and raising the file ' +
    'of --failed completes the set.',
  run: async (rig) => {
    const { nodes, stop } = await startBroker()
    try {
      const [node] = nodes
      const queue = await makeQueue(node)
      const rounds = endings.flatMap((ending) => inputs.map((input) => ({ ending, input })))
      const all = rig.quick ? rounds.filter((_, index) => index % 3 !== 1) : rounds
      const tally = new Tally(all.length * size)
      await using consumer = new Consumer({ queue, tally })
      const complaints: string[] = []
      let events = 0
      let lost = 0
      for (const [index, { ending, input }] of all.entries()) {
        rig.progress(`round ${index + 1} of ${all.length}, ${ending}`)
        const numbers = { from: index * size, to: (index + 1) * size }
        const round = new Round({ rig, node, queue, consumer, tally, numbers })
        lost += await round.run(ending, input)
        events += round.events
        complaints.push(...round.complaints.map((complaint) => `${ending}, ${input}: ${complaint}`))
      }
      return { events, faults: all.length, lost, duplicated: tally.repeated, complaints, notes: [] }
    } finally {
      await stop()
    }
  },
}

interface RoundOptions {
  readonly rig: Rig
  readonly node: ClusterNode
  readonly queue: string
  readonly consumer: Consumer
  readonly tally: Tally
  readonly numbers: Numbers
}

class Round {
  readonly complaints: string[] = []
  /** That evi was given. */
  events = 0
  readonly #options: RoundOptions
  readonly #failed: string

  constructor(options: RoundOptions) {
    this.#options = options
    this.#failed = join(options.rig.directory, `failed-${options.numbers.from}`)
  }

  /** @returns how many events are nowhere */
  async run(ending: (typeof endings)[number], input: (typeof inputs)[number]): Promise<number> {
    const { node, consumer, tally, numbers } = this.#options
    await consumer.attach(node.port)
    const { to, end } = await this.#stopped(ending, input)
    const given = { from: numbers.from, to }
    this.events = to - numbers.from
    await node.start()
    await this.#drain()
    const expected = ending === 'given up' ? exitPartly : exitCodes.interrupted
    if (end.code !== expected)
      this.complaints.push(`evi ended with ${end.code} instead of ${expected}: ${end.said}`)
    const lost = Tally.missing(given, tally, talliedFile(this.#failed, numbers.to))
    await this.#raiseAgain()
    const missing = Tally.missing(given, tally)
    if (missing > 0) this.complaints.push(`${missing} events are missing after --failed was raised again.`)
    return lost
  }

  /** @returns how it ended, and the number before which evi had been given all */
  async #stopped(
    ending: (typeof endings)[number],
    input: (typeof inputs)[number],
  ): Promise<{ to: number; end: StreamEnd }> {
    const { rig, node, consumer, tally, numbers } = this.#options
    const retryFlags = ending === 'given up' ? ['--retry-for', '1'] : []
    const argv = ['--sync', '--failed', this.#failed, ...retryFlags, ...this.#socket]
    using stream = new NumberedStream({ rig, argv, numbers, ...(input === 'a file' && this.#file()) })
    // The pipe stays open.
    stream.open(numbers.to - 1)
    await consumer.sees(tally.count + lead, stream.ended)
    await consumer.detach()
    if (ending !== 'interrupted at full speed') {
      await Promise.all([stream.says('was lost'), node.kill()])
      await sleep(rig.random.between(0, outage))
    }
    if (ending === 'given up') stream.open(numbers.to)
    const to = ending === 'given up' || input === 'a file' ? numbers.to : stream.hold()
    if (ending !== 'given up') stream.kill(rig.random.oneOf(['SIGINT', 'SIGTERM']))
    return { to, end: await stream.ended }
  }

  #file(): { input: string } {
    const { rig, numbers } = this.#options
    const input = join(rig.directory, 'input')
    writeFileSync(input, numberedEvents(numbers))
    return { input }
  }

  async #raiseAgain(): Promise<void> {
    const { rig, numbers } = this.#options
    using stream = new NumberedStream({
      rig,
      numbers,
      argv: ['--sync', ...this.#socket],
      input: this.#failed,
    })
    const { code, said } = await stream.ended
    if (code !== 0) this.complaints.push(`raising --failed again ended with ${code}: ${said}`)
    await this.#drain()
  }

  async #drain(): Promise<void> {
    const { consumer, node } = this.#options
    await consumer.attach(node.port)
    await consumer.drain()
  }

  get #socket(): string[] {
    const { node, queue } = this.#options
    return ['-s', `rabbitmq:${node.address}/persistent?${queue}`]
  }
}
