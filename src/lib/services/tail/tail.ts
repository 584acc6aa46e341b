import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfter, reconnect } from '#lib/async/retry.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type {
  Broker,
  BrokerConnection,
  Tap,
  TappedMessage,
  TapRequest,
  TapWay,
  Timing,
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
  /** See `TapRequest`. */
  readonly way?: TapWay | undefined
  readonly timing: Timing
  /** Stops the watching, for whatever reason. */
  readonly signal: AbortSignal
  readonly listener: TailListener
}

/** What is told while watching. */
export interface TailListener {
  /** All taps are open. */
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

export type TailedMessage = TappedMessage

/** A socket that is watched. */
export interface Watched {
  /** Printed, with the host that answered. */
  readonly socket: string
  readonly vhost: string
  readonly kind: Tap['kind']
  /** A stream that is read on from where it was left. */
  readonly resumed: boolean
}

/** A socket, and how it is watched; a stream's way moves on with each message, for the case that the connection is lost. */
interface Place {
  readonly socket: Socket
  /** Until it is told that all are watched, messages wait. */
  readonly told: Promise<void>
  way: TapWay | undefined
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
  const places = [...sockets.values()].map((socket): Place => ({ socket, told, way: request.way }))
  const groups = [...Map.groupBy(places, ({ socket }) => connectionKeyOf(socket)).values()]
  try {
    const opened = await unlessStopped(
      signal,
      Promise.all(groups.map((group) => open(group, request, broker))),
    )
    if (opened === 'stopped') return
    request.listener.watching(opened.flatMap(({ watched }) => watched))
    tell()
    await Promise.all(
      opened.map((first, index) => keepOpen(groups[index] as Place[], first, { ...request, signal }, broker)),
    )
  } finally {
    ending.abort()
  }
}

async function open(places: readonly Place[], request: TailRequest, broker: Broker): Promise<Opened> {
  const connection = await broker.connect((places[0] as Place).socket, request.timing)
  const watched: Watched[] = []
  try {
    for (const place of places) {
      const { socket } = place
      const resumed = typeof place.way === 'object' && typeof place.way.from === 'number'
      const { kind } = await connection.openTap(tapRequest(place, request))
      // Should it be gone when the connection is made again, evi must not stand in for it.
      if (kind === 'stream') place.way ??= { from: 'next' }
      watched.push({ socket: printAnswered(socket, connection.host), vhost: socket.vhost, kind, resumed })
    }
  } catch (error) {
    await connection.close()
    throw error
  }
  return { connection, watched }
}

function tapRequest(place: Place, { bindingKey, listener }: TailRequest): TapRequest {
  const { socket, way } = place
  const printed = printSocket(socket)
  return {
    socket,
    way,
    bindingKey,
    onMessages: async (tapped) => {
      await place.told
      // The lost connection's last messages may still be on their way to the listener.
      const messages = tapped.filter(({ offset }) => !wasSeen(offset, place))
      const offset = messages.at(-1)?.offset
      if (offset !== undefined) place.way = { from: offset + 1 }
      await listener.messages({ socket: printed, time: new Date(), messages })
    },
    onOverflow: (limit) => listener.overflow(printed, limit),
  }
}

function wasSeen(offset: number | undefined, { way }: Place): boolean {
  return offset !== undefined && typeof way === 'object' && typeof way.from === 'number' && offset < way.from
}

/** Milliseconds; connections that do not last so long are made again ever more slowly. */
const shortLife = 10_000

async function keepOpen(
  places: readonly Place[],
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
      reconnect(() => open(places, request, broker), {
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
