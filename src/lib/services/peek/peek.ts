import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Peeked, Timing } from '#lib/broker/broker.ts'
import { connectionKeyOf, printAnswered, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitPartly } from '#lib/exit-codes.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { SparingConnection } from '#lib/services/connections/sparing-connection.ts'
import { areSame, noneLeft } from '#lib/services/tail/none-left.ts'
import type { TailedMessages, UnwatchedSocket } from '#lib/services/tail/tail-request.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/** The most messages that are looked at in a queue, unless another number is asked for. */
const peekLimit = 1000

export interface PeekQueuesRequest {
  /** Each destination once; those that lead to an exchange cannot be looked at. */
  readonly sockets: readonly Socket[]
  /** The most messages in all; by default `peekLimit` for each queue. */
  readonly count: number | undefined
  readonly timing: Timing
  readonly signal: AbortSignal
  readonly listener: PeekListener
}

export interface PeekListener {
  /** The queues of these sockets are being looked at, or none any more. */
  waiting(sockets: readonly Socket[]): void
  /** A queue's messages; the next queue waits while the promise does. */
  messages(pieces: readonly TailedMessages[]): Promise<void>
  /** These could not be looked at. */
  unwatched(sockets: readonly UnwatchedSocket[]): void
  /** A queue was looked through, and has its messages back. */
  peeked(queue: PeekedQueue): void
}

export interface PeekedQueue {
  /** Printed, with the host that answered. */
  readonly socket: string
  readonly shown: number
  /** Messages that were ready, too. */
  readonly left: number
  readonly consumers: number
}

/** A queue that could not be looked at. */
interface Failure {
  readonly socket: Socket
  readonly error: EviError
}

/**
 * Shows what is ready in the sockets' queues, one queue after the other, each message once; a queue has its messages
 * back before the first of them is shown. A queue that cannot be looked at stops no other; those are reported at the end.
 *
 * @returns the exit code
 * @throws EviError where none could be looked at; `interrupted` where the signal stops it before all were
 */
export async function peekQueues(request: PeekQueuesRequest, broker: Broker): Promise<number> {
  const { sockets, listener } = request
  const failures: Failure[] = []
  const looks = new Looks(request, broker)
  let room = request.count
  let interrupted = false
  for (const socket of sockets) {
    listener.waiting([socket])
    const looked = await looks.at(socket, room ?? peekLimit).finally(() => listener.waiting([]))
    if (looked === 'stopped') {
      interrupted = true
      break
    }
    if (looked instanceof EviError) {
      failures.push({ socket, error: looked })
      continue
    }
    const { messages, left, consumers, answered } = looked
    await listener.messages([{ socket: printSocket(socket), time: new Date(), messages }])
    listener.peeked({ socket: answered, shown: messages.length, left, consumers })
    if (room !== undefined) room -= messages.length
    if (room === 0) break
  }
  const code = report(failures, request)
  if (interrupted) throw new EviError('interrupted', 'Interrupted before all was looked at.')
  return code
}

/** @returns the exit code @throws EviError where all failed */
function report(failures: readonly Failure[], { sockets, listener }: PeekQueuesRequest): number {
  const areAll = failures.length === sockets.length
  if (!areAll || !areSame(failures))
    listener.unwatched(
      failures.map(({ socket, error }) => ({
        socket: printSocket(socket),
        events: [],
        error,
        retryInMs: undefined,
      })),
    )
  if (areAll) throw noneLeft(failures, 'queues can be looked at')
  return failures.length === 0 ? 0 : exitPartly
}

/** Throws the error, with the command that grants what a look at all queues of the login takes. */
function withReading(socket: Socket, all: readonly Socket[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EviError)) throw error
    const login = connectionKeyOf(socket)
    const queues = all.filter((one) => connectionKeyOf(one) === login)
    const places = queues.map((queue) => ({ socket: queue, by: 'read' }) as const)
    throw new LoginPermissions([], places).inError(socket, error)
  }
}

function keepsNothing(socket: Socket): EviError {
  return new EviError(
    'usage',
    `"${socket.exchange}" is an exchange, which keeps no messages; --peek is for a queue.`,
    {
      hint: `To see what is published to it from now on: evi tail --socket ${shellWord(printSocket(socket))}`,
    },
  )
}

type Looked = Peeked & { readonly answered: string }

/** Looks at queues, over a connection for each. */
class Looks {
  readonly #request: PeekQueuesRequest
  readonly #broker: Broker
  /** Why logins have no connection, as a host that is silent is not waited for again. */
  readonly #unreached = new Map<string, EviError>()

  constructor(request: PeekQueuesRequest, broker: Broker) {
    this.#request = request
    this.#broker = broker
  }

  /** Resolves to the error where it fails. */
  async at(socket: Socket, limit: number): Promise<Looked | EviError | 'stopped'> {
    try {
      return await this.#look(socket, limit)
    } catch (error) {
      if (error instanceof EviError) return error
      throw error
    }
  }

  async #look(socket: Socket, limit: number): Promise<Looked | 'stopped'> {
    const { sockets, signal } = this.#request
    if (socket.exchange !== '') throw keepsNothing(socket)
    const granting = withReading(socket, sockets)
    const sparing = await unlessStopped(signal, this.#connect(socket).catch(granting))
    if (sparing === 'stopped') return sparing
    try {
      const peeking = sparing.ask((connection) => connection.peek({ socket, limit })).catch(granting)
      // Should it be stopped, the end of the connection puts all back.
      const peeked = await unlessStopped(signal, peeking)
      const { host } = sparing.current
      return peeked === 'stopped' ? peeked : { ...peeked, answered: printAnswered(socket, host) }
    } finally {
      await sparing.close()
    }
  }

  async #connect(socket: Socket): Promise<SparingConnection> {
    const { timing } = this.#request
    const login = connectionKeyOf(socket)
    const unreached = this.#unreached.get(login)
    if (unreached) throw unreached
    return await SparingConnection.open(() => this.#broker.connect(socket, timing), timing).catch((error) => {
      if (error instanceof EviError) this.#unreached.set(login, error)
      throw error
    })
  }
}
