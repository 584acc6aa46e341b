import type { Broker, BrokerConnection, TappedMessage, Timing } from '../broker/broker.ts'
import { connectionKeyOf, destinationOf, printSocket, type Socket } from '../domain/socket.ts'
import { EviError } from '../errors.ts'

export interface TailRequest {
  readonly sockets: readonly Socket[]
  /** The pattern for named exchanges; each socket's routing key unless given. */
  readonly bindingKey: string | undefined
  readonly timing: Timing
  /** Stops the watching, for whatever reason. */
  readonly signal: AbortSignal
  readonly listener: TailListener
}

/** What is told while watching. */
export interface TailListener {
  /** All taps are open; `standIns` are those whose queue took the routing key's name. */
  watching(sockets: readonly string[], standIns: readonly string[]): void
  /** A message; the next ones wait while the promise does. */
  message(message: TailedMessage): Promise<void>
  /** A connection was lost and is being made again. */
  lost(reason: EviError, retryInMs: number): void
  /** A lost connection is back; what was published meanwhile was not seen. */
  back(sockets: readonly string[], gapMs: number): void
  /** Events were dropped by the broker, as more than `limit` were waiting for this watcher. */
  overflow(socket: string, limit: number): void
}

export interface TailedMessage extends TappedMessage {
  readonly socket: string
  readonly time: Date
}

interface Opened {
  readonly connection: BrokerConnection
  readonly standIns: readonly string[]
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
  const places = new Map(request.sockets.map((socket) => [destinationOf(socket), socket]))
  const groups = [...Map.groupBy(places.values(), connectionKeyOf).values()]
  try {
    const opened = await unlessStopped(
      signal,
      Promise.all(groups.map((sockets) => open(sockets, request, broker))),
    )
    if (opened === 'stopped') return
    request.listener.watching(
      groups.flat().map(printSocket),
      opened.flatMap(({ standIns }) => standIns),
    )
    await Promise.all(
      opened.map((first, index) =>
        keepOpen(groups[index] as Socket[], first, { ...request, signal }, broker),
      ),
    )
  } finally {
    ending.abort()
  }
}

/** What the promise resolves to, or `'stopped'` as soon as the signal says so. */
async function unlessStopped<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | 'stopped'> {
  const { promise: stopped, resolve } = Promise.withResolvers<'stopped'>()
  const stop = () => resolve('stopped')
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([stopped, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function open(sockets: readonly Socket[], request: TailRequest, broker: Broker): Promise<Opened> {
  const connection = await broker.connect(sockets[0] as Socket, request.timing)
  const standIns: string[] = []
  try {
    for (const socket of sockets) {
      const printed = printSocket(socket)
      const { standIn } = await connection.openTap({
        socket,
        bindingKey: request.bindingKey,
        onMessage: (message) => request.listener.message({ ...message, socket: printed, time: new Date() }),
        onOverflow: (limit) => request.listener.overflow(printed, limit),
      })
      if (standIn) standIns.push(printed)
    }
  } catch (error) {
    await connection.close()
    throw error
  }
  return { connection, standIns }
}

async function keepOpen(
  sockets: readonly Socket[],
  first: Opened,
  request: TailRequest,
  broker: Broker,
): Promise<void> {
  const { signal, listener } = request
  let { connection } = first
  while (true) {
    const reason = await unlessStopped(signal, connection.lost)
    if (reason === 'stopped' || reason === undefined) break
    const since = performance.now()
    listener.lost(reason, 0)
    const opened = await unlessStopped(signal, reopen(sockets, request, broker))
    if (opened === 'stopped') return
    connection = opened.connection
    listener.back(sockets.map(printSocket), performance.now() - since)
  }
  await connection.close()
}

/** Milliseconds: half a second, then twice as long each time, ten seconds at the most. */
const delays = { minTimeout: 500, maxTimeout: 10_000, factor: 2 }

async function reopen(sockets: readonly Socket[], request: TailRequest, broker: Broker): Promise<Opened> {
  const { default: pRetry } = await import('p-retry')
  return await pRetry(() => open(sockets, request, broker), {
    ...delays,
    retries: Number.POSITIVE_INFINITY,
    signal: request.signal,
    shouldRetry: ({ error }) => isPassing(error),
    onFailedAttempt: ({ error, retryDelay }) => {
      if (isPassing(error)) request.listener.lost(error, retryDelay)
    },
  })
}

/** Silence may pass; a refusal stays. */
function isPassing(error: unknown): error is EviError {
  return error instanceof EviError && (error.code === 'unreachable' || error.code === 'timeout')
}
