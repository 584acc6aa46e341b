import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Peeked, Timing } from '#lib/broker/broker.ts'
import { connectionKeyOf, printAnswered, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { SparingConnection } from '#lib/services/connections/sparing-connection.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import type { TailedMessages } from './tail-request.ts'

/** The most messages that are looked at in a queue, unless another number is asked for. */
const peekLimit = 1000

export interface PeekQueuesRequest {
  /** All on the default exchange, each destination once. */
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

/**
 * Shows what is ready in the sockets' queues, one queue after the other, each message once; a queue has its messages
 * back before the first of them is shown.
 *
 * @throws EviError what kept evi from looking
 */
export async function peekQueues(request: PeekQueuesRequest, broker: Broker): Promise<void> {
  let room = request.count
  for (const [at, socket] of request.sockets.entries()) {
    request.listener.waiting([socket])
    const looked = await look(socket, room ?? peekLimit, request, broker)
      .catch(withRest(request.sockets.slice(at + 1)))
      .finally(() => request.listener.waiting([]))
    if (looked === 'stopped') return
    const { messages, left, consumers, answered } = looked
    await request.listener.messages([{ socket: printSocket(socket), time: new Date(), messages }])
    request.listener.peeked({ socket: answered, shown: messages.length, left, consumers })
    if (room !== undefined) room -= messages.length
    if (room === 0) return
  }
}

/** Throws the error, with the queues that are not looked at for it. */
function withRest([next, ...others]: readonly Socket[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EviError) || next === undefined) throw error
    const { code, message, hint, transient } = error
    const name = printSocket(next)
    const rest =
      others.length === 0
        ? `The queue of ${name} was not looked at.`
        : `${count(others.length + 1)} more queues were not looked at, beginning with that of ${name}.`
    const hints = hint === undefined ? rest : `${hint}\n${rest}`
    throw new EviError(code, message, { hint: hints, transient, cause: error })
  }
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

type Looked = Peeked & { readonly answered: string }

async function look(
  socket: Socket,
  limit: number,
  { sockets, timing, signal }: PeekQueuesRequest,
  broker: Broker,
): Promise<Looked | 'stopped'> {
  const granting = withReading(socket, sockets)
  const opening = SparingConnection.open(() => broker.connect(socket, timing), timing).catch(granting)
  const sparing = await unlessStopped(signal, opening)
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
