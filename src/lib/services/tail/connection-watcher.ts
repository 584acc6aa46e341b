import { setTimeout as sleep } from 'node:timers/promises'
import { RetryBudget } from '#lib/async/retry-budget.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, BrokerConnection } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import { openConsumers } from './open-consumers.ts'
import type { Failure } from './openings.ts'
import type { TailRequest, UnwatchedSocket, Watched } from './tail-request.ts'
import type { WatchedSocket } from './watched-socket.ts'

/** What came of an attempt to watch the sockets that are not watched. */
export interface Attempt {
  readonly watched: readonly Watched[]
  readonly failures: readonly Failure[]
  /** Those for which the connection has no channel left, and which this watcher leaves to another one. */
  readonly left: readonly WatchedSocket[]
}

export interface Watching {
  readonly request: TailRequest
  readonly broker: Broker
  /** Until all are announced, messages wait. */
  readonly announced: Promise<void>
  /** Called with the sockets that the broker refuses for good. */
  readonly onGivenUp: (failures: readonly Failure[]) => void
}

/** Consumers, and bindings of one, that are opened side by side, each on a channel. */
const openTogether = 8

/** Milliseconds; connections that do not last so long are made again ever more slowly. */
const shortLife = 10_000

/** Watches the sockets that share a login over one connection, and makes it again when it is lost. */
export class ConnectionWatcher {
  readonly #watching: Watching
  /** Those that were not given up. */
  #sockets: readonly WatchedSocket[]
  #connection: BrokerConnection | undefined
  #openedAt = 0
  /** Spent by attempts after which a socket was not watched. */
  readonly #budget = new RetryBudget()
  /** What was said since all was well, as an outage of hours is no reason for a line every ten seconds. */
  readonly #said = new Set<string>()
  /** Those of sockets that end a connection with others on it, each with one of its own. */
  readonly #alone: ConnectionWatcher[] = []
  readonly #together: number
  /** The user was refused a channel. */
  #isScarce = false

  /** @param together consumers that are opened side by side */
  constructor(sockets: readonly WatchedSocket[], watching: Watching, together: number = openTogether) {
    this.#sockets = sockets
    this.#watching = watching
    this.#together = together
  }

  /** The watcher of those that have no channel on this one's connection. */
  besides(left: readonly WatchedSocket[]): ConnectionWatcher {
    return new ConnectionWatcher(left, this.#watching, 1)
  }

  /** Opens the consumers that are not open; what keeps one from it is part of the result. */
  async attempt(): Promise<Attempt> {
    const failed = new Map<WatchedSocket, EviError>()
    const watched = new Map<WatchedSocket, Watched>()
    let left: readonly WatchedSocket[] = []
    let workers = this.#together
    for (let waiting = this.#waiting(failed); waiting.length > 0; waiting = this.#waiting(failed)) {
      try {
        this.#connection ??= await this.#connect(waiting[0] as WatchedSocket)
      } catch (error) {
        // The same for all that share the login.
        for (const socket of waiting) failed.set(socket, asEviError(error))
        break
      }
      const opened = await openConsumers(waiting, this.#connection, { ...this.#watching, workers })
      for (const [socket, one] of opened.watched) watched.set(socket, one)
      for (const { socket, error } of opened.failures) failed.set(socket, error)
      if (opened.full.length > 0) {
        // Side by side, openings take more channels for a while.
        if (workers === 1) left = this.#leave(opened.full, failed)
        workers = 1
      }
      if (opened.lost.length === 0) continue
      // An opening ended the connection, so the others get another one.
      const unopened = this.#waiting(failed)
      await this.#drop()
      watched.clear()
      // Of several side by side, it is not known which one it was.
      const limit = opened.lost.find(({ error }) => error instanceof ChannelLimit)?.error
      // The others that are not open would meet the limit one after the other.
      const guilty = limit ? unopened.map((socket) => ({ socket, error: limit })) : opened.lost
      if (workers === 1 || waiting.length === 1) this.#expel(guilty, failed)
      if (limit) await this.#useFewChannels()
      workers = 1
    }
    const inOrder = this.#sockets.flatMap((socket) => watched.get(socket) ?? [])
    return { watched: inOrder, failures: [...failed].map(([socket, error]) => ({ socket, error })), left }
  }

  /** Gives up what the broker refuses for good, and says what is tried again. */
  accept({ failures }: Attempt): void {
    const [transient, lasting] = [failures.filter(mayRecover), failures.filter((one) => !mayRecover(one))]
    const givenUp = new Set(lasting.map(({ socket }) => socket))
    this.#sockets = this.#sockets.filter((socket) => !givenUp.has(socket))
    if (this.#sockets.every(({ open }) => open)) this.#said.clear()
    if (transient.length > 0) this.#budget.failed()
    this.#say(transient)
    if (lasting.length > 0) this.#watching.onGivenUp(lasting)
  }

  /** Watches until the signal stops it, or no socket is left. */
  async keepWatching(): Promise<void> {
    const { signal } = this.#watching.request
    const alone = () => this.#alone.splice(0).map((watcher) => watcher.keepWatching())
    const others = alone()
    while (!signal.aborted && this.#sockets.length > 0) {
      const event = await this.#nextEvent()
      if (event === 'stopped') break
      if (event === 'retry') await this.#retry()
      else await this.#lose(event)
      others.push(...alone())
    }
    await Promise.all([this.close(), ...others])
  }

  async close(): Promise<void> {
    await this.#connection?.close()
  }

  #waiting(failed: ReadonlyMap<WatchedSocket, EviError>): readonly WatchedSocket[] {
    return this.#sockets.filter((socket) => !socket.open && !failed.has(socket))
  }

  async #connect({ socket }: WatchedSocket): Promise<BrokerConnection> {
    const connection = await this.#watching.broker.connect(socket, this.#watching.request.timing)
    this.#openedAt = performance.now()
    if (this.#isScarce) connection.useFewChannels()
    return connection
  }

  /** The connection's loss, or the time for another attempt. */
  async #nextEvent(): Promise<EviError | 'retry' | 'stopped'> {
    const over = new AbortController()
    const events: Promise<EviError | 'retry'>[] = []
    if (this.#connection) events.push(this.#connection.lost.then((reason) => reason ?? closed()))
    if (this.#sockets.some(({ open }) => !open)) {
      const pause = sleep(this.#budget.delay, 'retry' as const, { signal: over.signal })
      events.push(pause.catch(() => 'retry' as const))
    }
    try {
      return await unlessStopped(this.#watching.request.signal, Promise.race(events))
    } finally {
      over.abort()
    }
  }

  async #lose(reason: EviError): Promise<void> {
    if (performance.now() - this.#openedAt >= shortLife) this.#budget.reset()
    this.#budget.lost()
    const watched = this.#sockets.filter(({ open }) => open).map(({ printed }) => printed)
    await this.#drop()
    this.#said.clear()
    this.#watching.request.listener.lost(reason, this.#budget.delay, watched)
  }

  async #drop(): Promise<void> {
    for (const socket of this.#sockets) socket.lose()
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }

  async #useFewChannels(): Promise<void> {
    this.#isScarce = true
    await sleep(closedChannelsLinger)
  }

  /** Leaves those that have no channel to another connection, unless not even one of them would have one there. */
  #leave(full: readonly Failure[], failed: Map<WatchedSocket, EviError>): readonly WatchedSocket[] {
    const left = this.#waiting(failed)
    if (!this.#sockets.some((socket) => socket.open)) {
      for (const { socket, error } of full) failed.set(socket, error)
      return []
    }
    this.#sockets = this.#sockets.filter((socket) => !left.includes(socket))
    return left
  }

  /** The next attempts at those that end a connection with others on it are on a connection of their own. */
  #expel(lost: readonly Failure[], failed: Map<WatchedSocket, EviError>): void {
    for (const { socket, error } of lost) failed.set(socket, error)
    const expelled = lost.map(({ socket }) => socket)
    const left = this.#sockets.filter((socket) => !expelled.includes(socket))
    if (left.length === 0) return
    this.#sockets = left
    const watcher = new ConnectionWatcher(expelled, this.#watching)
    watcher.#budget.failed()
    for (const { error } of lost) watcher.#said.add(error.message)
    this.#alone.push(watcher)
  }

  async #retry(): Promise<void> {
    const { signal, listener } = this.#watching.request
    const attempt = await unlessStopped(signal, this.#attemptAgain())
    if (attempt === 'stopped') return
    this.accept(attempt)
    if (attempt.left.length > 0) this.#alone.push(this.besides(attempt.left))
    const again = attempt.watched.filter(({ gapMs }) => gapMs !== undefined)
    const joined = attempt.watched.filter(({ gapMs }) => gapMs === undefined)
    if (again.length > 0) listener.back(again, Math.max(...again.map(({ gapMs = 0 }) => gapMs)))
    if (joined.length > 0) listener.joined(joined)
  }

  async #attemptAgain(): ReturnType<ConnectionWatcher['attempt']> {
    // A request that was not answered may be the queue's fault, or the connection's.
    if (this.#connection && !(await this.#connection.ping())) await this.#drop()
    return await this.attempt()
  }

  #say(failures: readonly Failure[]): void {
    const { listener } = this.#watching.request
    const retryInMs = this.#budget.delay
    const fresh = failures.filter(({ error }) => !this.#said.has(error.message))
    const [first] = fresh
    if (!first) return
    for (const { error } of fresh) this.#said.add(error.message)
    const together = failures.length === this.#sockets.length && first.socket.wasWatched
    if (together && failures.every(({ error }) => error === first.error))
      listener.lost(first.error, retryInMs, [])
    else listener.unwatched(fresh.map((failure) => describe(failure, retryInMs)))
  }
}

/** One failure in the wording of the report. */
export function describe({ socket, error }: Failure, retryInMs?: number): UnwatchedSocket {
  return { socket: socket.printed, events: socket.events, error, retryInMs }
}

/** Of what was watched, a lock may be that of evi's own lost connection, and a missing exchange may be made again. */
const recoverWatched: ReadonlySet<ErrorCode> = new Set(['queue-locked', 'no-exchange'])

/** As the broker's reply says, or as it may be with what was watched before. */
function mayRecover({ socket, error }: Failure): boolean {
  return recoverWatched.has(error.code) ? socket.wasWatched : error.transient
}

function closed(): EviError {
  return new EviError('unreachable', 'The connection was closed.')
}

function asEviError(error: unknown): EviError {
  if (error instanceof EviError) return error
  throw error
}
