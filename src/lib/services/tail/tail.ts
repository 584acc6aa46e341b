import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfter, reconnect } from '#lib/async/retry.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type {
  Broker,
  BrokerConnection,
  Consumer,
  ConsumerRequest,
  ReceivedMessage,
  Timing,
  WatchMode,
} from '#lib/broker/broker.ts'
import {
  connectionKeyOf,
  destinationOf,
  printAnswered,
  printSocket,
  type Socket,
} from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'

export interface TailRequest {
  readonly sockets: readonly Socket[]
  /** The pattern for named exchanges; each socket's routing key unless given. */
  readonly bindingKey: string | undefined
  /** See `ConsumerRequest`. */
  readonly mode?: WatchMode | undefined
  readonly timing: Timing
  /** Stops the watching, for whatever reason. */
  readonly signal: AbortSignal
  readonly listener: TailListener
}

/** What is told while watching. */
export interface TailListener {
  /** All consumers are open. */
  watching(watched: readonly Watched[]): void
  /** Messages; the next ones wait while the promise does. */
  messages(tailed: TailedMessages): Promise<void>
  /** A connection was lost and is being made again. */
  lost(reason: EviError, retryInMs: number): void
  /** A lost connection is back; what was published meanwhile was not seen, but for streams that are `resumed`. */
  back(watched: readonly Watched[], gapMs: number): void
  /** Events were dropped by the broker, as more than `limit` were waiting for this watcher. */
  overflow(socket: string, limit: number): void
}

/** Messages that came together. */
export interface TailedMessages {
  readonly socket: string
  readonly time: Date
  readonly messages: readonly TailedMessage[]
}

export type TailedMessage = ReceivedMessage

/** A socket that is watched. */
export interface Watched {
  /** Printed, with the host that answered. */
  readonly socket: string
  readonly vhost: string
  readonly kind: Consumer['kind']
  /** A stream that is read on from where it was left. */
  readonly resumed: boolean
}

/** A socket, and how it is watched; a stream's mode moves on with each message, for the case that the connection is lost. */
interface WatchedSocket {
  readonly socket: Socket
  /** Until it is told that all are watched, messages wait. */
  readonly told: Promise<void>
  mode: WatchMode | undefined
}

interface Opened {
  readonly connection: BrokerConnection
  readonly watched: readonly Watched[]
}

/**
 * Watches what is published to the sockets until the signal stops it. What fails at the start ends it; a connection
 * that is lost later is made again with growing delays, until the broker refuses (SPEC 5).
 *
 * @throws EviError what kept the watching from starting or from going on
 */
export async function tail(request: TailRequest, broker: Broker): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([request.signal, ending.signal])
  const sockets = new Map(request.sockets.map((socket) => [destinationOf(socket), socket]))
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const all = [...sockets.values()].map((socket): WatchedSocket => ({ socket, told, mode: request.mode }))
  const groups = [...Map.groupBy(all, ({ socket }) => connectionKeyOf(socket)).values()]
  try {
    const opened = await unlessStopped(
      signal,
      Promise.all(groups.map((group) => open(group, request, broker))),
    )
    if (opened === 'stopped') return
    request.listener.watching(opened.flatMap(({ watched }) => watched))
    tell()
    await Promise.all(
      opened.map((first, index) =>
        keepOpen(groups[index] as WatchedSocket[], first, { ...request, signal }, broker),
      ),
    )
  } finally {
    ending.abort()
  }
}

async function open(group: readonly WatchedSocket[], request: TailRequest, broker: Broker): Promise<Opened> {
  const connection = await broker.connect((group[0] as WatchedSocket).socket, request.timing)
  const opened: Watched[] = []
  try {
    for (const watched of group) {
      const { socket } = watched
      const resumed = typeof watched.mode === 'object' && typeof watched.mode.from === 'number'
      const { kind } = await connection.openConsumer(consumerRequest(watched, request))
      // Should it be gone when the connection is made again, evi must not stand in for it.
      if (kind === 'stream') watched.mode ??= { from: 'next' }
      opened.push({ socket: printAnswered(socket, connection.host), vhost: socket.vhost, kind, resumed })
    }
  } catch (error) {
    await connection.close()
    throw error
  }
  return { connection, watched: opened }
}

function consumerRequest(watched: WatchedSocket, { bindingKey, listener }: TailRequest): ConsumerRequest {
  const { socket, mode } = watched
  const printed = printSocket(socket)
  return {
    socket,
    mode,
    bindingKey,
    onMessages: async (received) => {
      await watched.told
      // The lost connection's last messages may still be on their way to the listener.
      const messages = received.filter(({ offset }) => !wasSeen(offset, watched))
      const offset = messages.at(-1)?.offset
      if (offset !== undefined) watched.mode = { from: offset + 1 }
      await listener.messages({ socket: printed, time: new Date(), messages })
    },
    onOverflow: (limit) => listener.overflow(printed, limit),
  }
}

function wasSeen(offset: number | undefined, { mode }: WatchedSocket): boolean {
  return (
    offset !== undefined && typeof mode === 'object' && typeof mode.from === 'number' && offset < mode.from
  )
}

/** Milliseconds; connections that do not last so long are made again ever more slowly. */
const shortLife = 10_000

async function keepOpen(
  group: readonly WatchedSocket[],
  first: Opened,
  request: TailRequest,
  broker: Broker,
): Promise<void> {
  const { signal, listener } = request
  let { connection } = first
  let opened = performance.now()
  let fruitless = 0
  while (true) {
    const reason = await unlessStopped(signal, connection.lost)
    if (reason === 'stopped' || reason === undefined) break
    const since = performance.now()
    fruitless = since - opened < shortLife ? fruitless + 1 : 1
    const pause = delayAfter(fruitless)
    listener.lost(reason, pause)
    if ((await unlessStopped(signal, sleep(pause))) === 'stopped') return
    const again = await unlessStopped(
      signal,
      reconnect(() => open(group, request, broker), {
        signal,
        patience: Number.POSITIVE_INFINITY,
        onFailure: (error, retryInMs) => listener.lost(error, retryInMs),
      }),
    )
    if (again === 'stopped') return
    connection = again.connection
    opened = performance.now()
    listener.back(again.watched, opened - since)
  }
  await connection.close()
}
