import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type {
  BrokerConnection,
  Message,
  Publisher,
  PublisherListener,
  PublisherRequest,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { EviError } from '#lib/errors.ts'
import { SocketPublisher } from '#lib/services/raise-stream/socket-publisher.ts'

interface Numbered extends Message {
  readonly number: number
}

const lost: PublishFailure = { status: 'unreachable', code: 'unreachable', reason: 'Lost.' }
const poisoned: PublishFailure = { status: 'rejected', code: 'precondition', reason: 'Bad header.' }
const confirmed = { status: 'confirmed' } as const

/** A channel that does what a script says: it may end before, while and after it is opened. */
class ScriptedChannel implements Publisher<Numbered> {
  readonly congested = false
  readonly listener: PublisherListener<Numbered>
  unconfirmed: Numbered[] = []
  #hasEnded = false

  constructor({ listener }: PublisherRequest<Numbered>) {
    this.listener = listener
  }

  publish(message: Numbered): void {
    if (this.#hasEnded) throw new Error('A message was published on a channel that has ended.')
    this.unconfirmed.push(message)
  }

  flush(): void {}
  async drained(): Promise<void> {}

  close(): readonly Numbered[] {
    this.#hasEnded = true
    return this.unconfirmed.splice(0)
  }

  answer(outcome: PublishOutcome, count = this.unconfirmed.length): void {
    for (const message of this.unconfirmed.splice(0, count)) this.listener.settled(message, outcome)
  }

  end(reason: PublishFailure): void {
    this.#hasEnded = true
    this.listener.ended(reason, this.unconfirmed.splice(0))
  }
}

/** What happens to each channel as it is opened; undefined for one that opens and stays. */
type Opening = 'fails' | 'ends-before' | 'ends-in-the-same-turn' | undefined

function scene(openings: readonly Opening[] = [], { retryFor = 60_000, confirm = true } = {}) {
  const stop = new AbortController()
  const channels: ScriptedChannel[] = []
  const settled: [number, string][] = []
  const resent: number[] = []
  const connection = {
    lost: Promise.resolve(undefined),
    answers: async () => true,
    destroy: () => {},
    openPublisher: async (request: PublisherRequest<Numbered>) => {
      const opening = openings[channels.length]
      const channel = new ScriptedChannel(request)
      channels.push(channel)
      if (opening === 'fails') throw new EviError('unreachable', 'Closed.')
      if (opening === 'ends-before') channel.end(lost)
      if (opening === 'ends-in-the-same-turn') queueMicrotask(() => channel.end(lost))
      return channel
    },
  } as unknown as BrokerConnection
  const publisher = new SocketPublisher<Numbered>({
    socket: parseSocket('rabbitmq:h/q'),
    connection: { opened: async () => connection },
    confirm,
    properties: {},
    window: 100,
    retryFor,
    signal: stop.signal,
    listener: { lost: () => {}, back: () => {}, blocked: () => {} },
    settled: ({ number }, _, outcome) => settled.push([number, outcome.status]),
    resending: ({ number }) => resent.push(number),
  })
  const send = (from: number, to: number) => {
    for (let number = from; number < to; number++) publisher.offer({ number, body: Buffer.from(`${number}`) })
    publisher.flush()
  }
  /** The channel with this index, once messages are on it. */
  const channel = async (index: number) => {
    while (!channels[index]?.unconfirmed.length) await turn()
    return channels[index] as ScriptedChannel
  }
  return { publisher, send, channel, settled, resent, stop }
}

test.each<[string, readonly Opening[]]>([
  ['cannot be opened', ['fails']],
  ['has ended before it is handed over', ['ends-before']],
  ['ends in the turn in which it is handed over', ['ends-in-the-same-turn']],
  ['ends three times in different ways', ['ends-in-the-same-turn', 'fails', 'ends-before']],
])('a channel that %s costs no message', async (_, openings) => {
  const { publisher, send, channel, settled, resent } = scene(openings)
  send(0, 3)
  ;(await channel(openings.length)).answer(confirmed)
  await publisher.done()
  expect(settled).toEqual([0, 1, 2].map((number) => [number, 'confirmed']))
  expect(resent.length).toBeLessThanOrEqual(3)
})

test('messages that were unconfirmed when a channel ended are sent again and counted, the others are not', async () => {
  const { publisher, send, channel, settled, resent } = scene()
  send(0, 4)
  const first = await channel(0)
  first.answer(confirmed, 2)
  first.end(lost)
  send(4, 5)
  ;(await channel(1)).answer(confirmed)
  await publisher.done()
  expect(settled.map(([number]) => number)).toEqual([0, 1, 2, 3, 4])
  expect(resent).toEqual([2, 3])
})

test('the poison message among several is isolated, and the others are confirmed', async () => {
  const { publisher, send, channel, settled } = scene()
  send(0, 3)
  ;(await channel(0)).end(poisoned)
  const second = await channel(1)
  expect(second.unconfirmed.map(({ number }) => number)).toEqual([0])
  second.answer(confirmed)
  second.end(poisoned)
  const third = await channel(2)
  third.answer(confirmed)
  await publisher.done()
  expect(settled).toEqual([
    [0, 'confirmed'],
    [1, 'rejected'],
    [2, 'confirmed'],
  ])
})

test('a message that the broker rejects is retried in synchronous mode, and fails at once in asynchronous mode', async () => {
  const rejected: PublishFailure = { status: 'rejected', code: 'rejected', reason: 'Full.' }
  const later = scene()
  later.send(0, 1)
  ;(await later.channel(0)).answer(rejected)
  ;(await later.channel(1)).answer(confirmed)
  await later.publisher.done()
  expect({ settled: later.settled, resent: later.resent }).toEqual({
    settled: [[0, 'confirmed']],
    resent: [],
  })
  const atOnce = scene([], { confirm: false })
  atOnce.send(0, 1)
  ;(await atOnce.channel(0)).answer(rejected)
  expect(atOnce.settled).toEqual([[0, 'rejected']])
})

test('an interruption settles what is in flight, waits and was rejected, each once', async () => {
  const { publisher, send, channel, settled, stop } = scene(['ends-before', undefined])
  send(0, 3)
  const open = await channel(1)
  stop.abort()
  publisher.interrupt()
  await publisher.done()
  expect(settled.map(([number]) => number).sort()).toEqual([0, 1, 2])
  expect(open.unconfirmed).toEqual([])
})
