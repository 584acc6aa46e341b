import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type {
  BrokerConnection,
  Message,
  OpenMessage,
  Publisher,
  PublisherRequest,
  PublishManner,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { ConnectionPublisher } from '#lib/services/raise-stream/publishing/connection-publisher.ts'

interface Numbered extends Message {
  readonly number: number
}

const lost: PublishFailure = { code: 'unreachable', message: 'Lost.' }
const confirmed = { status: 'confirmed' } as const
const sockets = ['rabbitmq:h/q', 'rabbitmq:h/r'].map((text) => parseSocket(text))

/** A publisher that does what a script says: it may end before, while and after it is opened. */
class ScriptedPublisher implements Publisher<Numbered> {
  readonly congested = false
  readonly request: PublisherRequest<Numbered>
  readonly manners: (PublishManner | undefined)[] = []
  open: OpenMessage<Numbered>[] = []
  #hasEnded = false

  constructor(request: PublisherRequest<Numbered>) {
    this.request = request
  }

  publish(message: Numbered, socket: Socket, manner?: PublishManner): void {
    if (this.#hasEnded) throw new Error('A message was published by a publisher that has ended.')
    if (manner?.mayHaveArrived) this.request.listener.resending(message, socket)
    this.open.push({ message, socket, mayHaveArrived: true })
    this.manners.push(manner)
  }

  flush(): void {}
  async drained(): Promise<void> {}

  close(): readonly OpenMessage<Numbered>[] {
    this.#hasEnded = true
    return this.open.splice(0)
  }

  answer(outcome: PublishOutcome, count = this.open.length): void {
    for (const { message, socket } of this.open.splice(0, count))
      this.request.listener.settled(message, socket, outcome)
  }

  end(reason: PublishFailure): void {
    this.#hasEnded = true
    this.request.listener.ended(reason, this.open.splice(0))
  }
}

/** What happens to each publisher as it is opened; undefined for one that opens and stays. */
type Opening = 'fails' | 'ends-before' | 'ends-in-the-same-turn' | undefined

interface SceneOptions {
  readonly retryFor?: number
  readonly confirm?: boolean
  readonly window?: number
  readonly to?: readonly Socket[]
}

function scene(
  openings: readonly Opening[] = [],
  { retryFor = 60_000, confirm = true, window = 100, to = sockets.slice(0, 1) }: SceneOptions = {},
) {
  const stop = new AbortController()
  const publishers: ScriptedPublisher[] = []
  const settled: [number, string][] = []
  const resent: number[] = []
  const connection = {
    lost: Promise.resolve(undefined),
    destroy: () => {},
    isWanted: false,
    onWanted: () => {},
    openPublisher: async (request: PublisherRequest<Numbered>) => {
      const opening = openings[publishers.length]
      const publisher = new ScriptedPublisher(request)
      publishers.push(publisher)
      if (opening === 'fails') throw new EviError('unreachable', 'Closed.')
      if (opening === 'ends-before') publisher.end(lost)
      if (opening === 'ends-in-the-same-turn') queueMicrotask(() => publisher.end(lost))
      return publisher
    },
  } as unknown as BrokerConnection
  const publisher = new ConnectionPublisher<Numbered>({
    connection: {
      opened: async () => connection,
      channelsFor: () => ({ most: 1, isScarce: false }),
      release: async () => {},
      inUse: () => {},
      isWanted: () => false,
      awaitsTurn: false,
      reportRetry: () => {},
      reportLoss: () => {},
    },
    confirm,
    properties: {},
    window,
    retryFor,
    signal: stop.signal,
    listener: { lost: () => {}, back: () => {}, blocked: () => {} },
    settled: ({ number }, _, outcome) => settled.push([number, statusOf(outcome)]),
    resending: ({ number }) => resent.push(number),
  })
  const send = (from: number, to_: number) => {
    for (let number = from; number < to_; number++)
      publisher.offer({ number, body: Buffer.from(`${number}`) }, to)
    publisher.flush()
  }
  /** The publisher with this index, once messages are with it. */
  const opened = async (index: number) => {
    while (!publishers[index]?.open.length) await turn()
    return publishers[index] as ScriptedPublisher
  }
  return { publisher, send, opened, settled, resent, stop }
}

test.each<[string, readonly Opening[]]>([
  ['cannot be opened', ['fails']],
  ['have ended before they are handed over', ['ends-before']],
  ['end in the turn in which they are handed over', ['ends-in-the-same-turn']],
  ['end three times in different ways', ['ends-in-the-same-turn', 'fails', 'ends-before']],
])('channels that %s cost no message', async (_, openings) => {
  const { publisher, send, opened, settled, resent } = scene(openings)
  send(0, 3)
  ;(await opened(openings.length)).answer(confirmed)
  await publisher.done()
  expect(settled).toEqual([0, 1, 2].map((number) => [number, 'confirmed']))
  expect(resent.length).toBeLessThanOrEqual(3)
})

test('messages that were unconfirmed when a connection was lost are sent again and counted, the others are not', async () => {
  const { publisher, send, opened, settled, resent } = scene()
  send(0, 4)
  const first = await opened(0)
  first.answer(confirmed, 2)
  first.end(lost)
  send(4, 5)
  ;(await opened(1)).answer(confirmed)
  await publisher.done()
  expect(settled.map(([number]) => number)).toEqual([0, 1, 2, 3, 4])
  expect(resent).toEqual([2, 3])
})

test('messages that the publisher holds back leave the in-flight window to others, until the connection is lost', async () => {
  const { publisher, send, opened, settled } = scene([], { window: 2 })
  send(0, 2)
  const first = await opened(0)
  expect(publisher.isFull).toBe(true)
  first.request.listener.held(2)
  expect(publisher.isFull).toBe(false)
  send(2, 3)
  expect(first.open.map(({ message }) => message.number)).toEqual([0, 1, 2])
  first.request.listener.held(-2)
  first.end(lost)
  expect(publisher.isFull).toBe(true)
  ;(await opened(1)).answer(confirmed)
  await publisher.done()
  expect(settled.map(([number]) => number)).toEqual([0, 1, 2])
})

test('a message that the broker rejects is retried in synchronous mode, and fails at once in asynchronous mode', async () => {
  const rejected: PublishFailure = { code: 'rejected', message: 'Full.' }
  const later = scene()
  later.send(0, 1)
  const open = await later.opened(0)
  open.answer(rejected)
  ;(await later.opened(0)).answer(confirmed)
  await later.publisher.done()
  expect({ settled: later.settled, resent: later.resent, manners: open.manners }).toEqual({
    settled: [[0, 'confirmed']],
    resent: [],
    manners: [undefined, { renewed: true, mayHaveArrived: false }],
  })
  const atOnce = scene([], { confirm: false })
  atOnce.send(0, 1)
  ;(await atOnce.opened(0)).answer(rejected)
  expect(atOnce.settled).toEqual([[0, 'rejected']])
})

test('an interruption settles what is in flight, waits and was rejected, each once', async () => {
  const { publisher, send, opened, settled, stop } = scene(['ends-before', undefined])
  send(0, 3)
  const open = await opened(1)
  stop.abort()
  publisher.interrupt()
  await publisher.done()
  expect(settled.map(([number]) => number).sort()).toEqual([0, 1, 2])
  expect(open.open).toEqual([])
})

test('a message to more sockets than the window holds goes to all of them, in their order, a window at a time', async () => {
  const { publisher, send, opened, settled } = scene([], { window: 1, to: sockets })
  send(0, 1)
  const open = await opened(0)
  expect(open.open.map(({ socket }) => socket)).toEqual([sockets[0]])
  const room = publisher.room()
  open.answer(confirmed)
  await turn()
  expect(open.open.map(({ socket }) => socket)).toEqual([sockets[1]])
  open.answer(confirmed)
  await room
  await publisher.done()
  expect(settled).toEqual([
    [0, 'confirmed'],
    [0, 'confirmed'],
  ])
})

test('an interruption settles the sockets that the window had no room for', async () => {
  const { publisher, send, opened, settled, stop } = scene([], { window: 1, to: sockets })
  send(0, 1)
  await opened(0)
  stop.abort()
  publisher.interrupt()
  await publisher.done()
  expect(settled).toEqual([
    [0, 'interrupted'],
    [0, 'interrupted'],
  ])
})
