import { RetryBudget } from '#lib/async/retry-budget.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker } from '#lib/broker/broker.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError, SilentConnection } from '#lib/errors.ts'
import { openConsumers } from './open-consumers.ts'
import type { Failure } from './openings.ts'
import { OutageReports } from './outage-reports.ts'
import type { TailRequest, Watched } from './tail-request.ts'
import { WatchConnection } from './watch-connection.ts'
import type { WatchedSocket } from './watched-socket.ts'
import { withPermissions } from './watching-permissions.ts'

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
  /** All sockets by their connection keys, also those that were given up. */
  readonly logins: ReadonlyMap<string, readonly WatchedSocket[]>
  /** Until all are announced, messages wait. */
  readonly announced: Promise<void>
  /** Called with the sockets that the broker refuses for good. */
  readonly onGivenUp: (failures: readonly Failure[]) => void
}

/** Consumers, and bindings of one, that are opened side by side, each on a channel. */
const openTogether = 8

/** Watches the sockets that share a login over one connection, and makes it again when it is lost. */
export class ConnectionWatcher {
  readonly #watching: Watching
  /** Those that were not given up. */
  #sockets: readonly WatchedSocket[]
  readonly #connection: WatchConnection
  /** Spent by attempts after which a socket was not watched. */
  readonly #budget = new RetryBudget()
  readonly #reports: OutageReports
  /** Those of sockets that end a connection with others on it, each with one of its own. */
  readonly #alone: ConnectionWatcher[] = []
  readonly #together: number
  readonly #login: string

  /** @param together consumers that are opened side by side */
  constructor(sockets: readonly WatchedSocket[], watching: Watching, together: number = openTogether) {
    this.#sockets = sockets
    this.#watching = watching
    this.#together = together
    this.#login = connectionKeyOf(this.place)
    this.#connection = new WatchConnection(watching.broker, watching.request.timing)
    this.#reports = new OutageReports(watching.request.listener)
  }

  /** One of its sockets, whose broker is that of all. */
  get place(): Socket {
    return (this.#sockets[0] as WatchedSocket).socket
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
      const [{ socket }] = waiting as [WatchedSocket]
      const connection = await this.#connection.opened(socket).catch(asEviError)
      if (connection instanceof EviError) {
        // The same for all that share the login.
        for (const socket of waiting) failed.set(socket, connection)
        break
      }
      const opened = await openConsumers(waiting, connection, { ...this.#watching, workers })
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
      for (const socket of watched.keys()) socket.withdraw()
      await this.#drop()
      watched.clear()
      // Of several side by side, it is not known which one it was.
      const limit = opened.lost.find(({ error }) => error instanceof ChannelLimit)?.error
      // The others that are not open would meet the limit one after the other.
      const guilty = limit ? unopened.map((socket) => ({ socket, error: limit })) : opened.lost
      // The first time, RabbitMQ may have counted a channel that was closed just before.
      const isFirstLimit = limit !== undefined && !this.#connection.isScarce
      if (!isFirstLimit && (workers === 1 || waiting.length === 1)) this.#expel(guilty, failed)
      if (limit) await this.#connection.useFewChannels()
      workers = 1
    }
    const inOrder = this.#sockets.flatMap((socket) => watched.get(socket) ?? [])
    const login = this.#watching.logins.get(this.#login) ?? []
    return { watched: inOrder, failures: withPermissions(failed, login), left }
  }

  /** Gives up what the broker refuses for good, and says what is tried again. */
  accept({ failures }: Attempt): void {
    const transient = failures.filter(({ socket, error }) => socket.mayRecoverFrom(error))
    const lasting = failures.filter(({ socket, error }) => !socket.mayRecoverFrom(error))
    const givenUp = new Set(lasting.map(({ socket }) => socket))
    this.#sockets = this.#sockets.filter((socket) => !givenUp.has(socket))
    if (failures.length === 0 && this.#sockets.every(({ open }) => open)) this.#reports.reset()
    if (transient.length > 0) this.#budget.failed()
    this.#reports.report(transient, this.#budget.delay, this.#sockets.length)
    if (lasting.length > 0) this.#watching.onGivenUp(lasting)
  }

  /** Watches until the signal stops it, or no socket is left. */
  async keepWatching(): Promise<void> {
    const { signal } = this.#watching.request
    const alone = () => this.#alone.splice(0).map((watcher) => watcher.keepWatching())
    const others = alone()
    while (!signal.aborted && this.#sockets.length > 0) {
      const pause = this.#sockets.some(({ open }) => !open) ? this.#budget.delay : undefined
      const event = await this.#connection.lostWithin(pause, signal)
      if (event === 'stopped') break
      if (event === 'retry') await this.#retry()
      else await this.#lose(event)
      others.push(...alone())
    }
    await Promise.all([this.close(), ...others])
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  #waiting(failed: ReadonlyMap<WatchedSocket, EviError>): readonly WatchedSocket[] {
    return this.#sockets.filter((socket) => !socket.open && !failed.has(socket))
  }

  async #lose(reason: EviError): Promise<void> {
    if (this.#connection.hasLasted) this.#budget.reset()
    this.#budget.lost()
    const watched = this.#sockets.filter(({ open }) => open).map(({ printed }) => printed)
    const { cause } = reason
    await this.#drop(cause instanceof SilentConnection ? cause.silentMs : 0)
    this.#reports.reset()
    this.#watching.request.listener.lost(reason, this.#budget.delay, watched)
  }

  async #drop(silentMs = 0): Promise<void> {
    for (const socket of this.#sockets) socket.lose(silentMs)
    await this.#connection.drop()
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
    watcher.#reports.remember(lost)
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
    if (!(await this.#connection.answers())) await this.#drop()
    return await this.attempt()
  }
}

function asEviError(error: unknown): EviError {
  if (error instanceof EviError) return error
  throw error
}
