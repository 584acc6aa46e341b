import type { BrokerConnection } from '#lib/broker/broker.ts'
import { isMatchedType, type MatchedType, takesAll } from '#lib/domain/routing/binding-matcher.ts'
import type { EviError } from '#lib/errors.ts'
import { type ExaminedExchange, examineExchange } from './examine-exchange.ts'
import { SharedMessages } from './shared-messages.ts'
import type { TailRequest, Watched } from './tail-request.ts'
import type { WatchedSocket } from './watched-socket.ts'

/** Sockets that are watched by one consumer. */
export interface Opening {
  readonly sockets: readonly WatchedSocket[]
  /** Opens the consumer. @throws EviError why none of the sockets can be watched */
  readonly open: (connection: BrokerConnection) => Promise<Opened>
}

export interface Opened {
  readonly watched: ReadonlyMap<WatchedSocket, Watched>
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly socket: WatchedSocket
  readonly error: EviError
}

export interface OpeningContext {
  readonly request: TailRequest
  /** Resolves when it was shown what is watched; messages that come sooner wait for it. */
  readonly announced: Promise<void>
  /** How many consumers are opened, and channels used, at once. */
  readonly workers: number
}

/** Sockets of one exchange, which is examined once, or one that has no exchange to examine. */
export function openingGroups(sockets: readonly WatchedSocket[]): readonly (readonly WatchedSocket[])[] {
  const groups = Map.groupBy(sockets, (socket) => (socket.isCopied ? socket.socket.exchange : socket))
  return [...groups.values()]
}

/**
 * The consumers that a group of sockets needs: one for all of them where evi can keep their messages apart, else one each.
 *
 * @throws EviError why none of the sockets can be watched
 */
export async function planOpenings(
  sockets: readonly WatchedSocket[],
  connection: BrokerConnection,
  context: OpeningContext,
): Promise<readonly Opening[]> {
  const { findManagement, listener } = context.request
  const [first] = sockets as [WatchedSocket]
  if (!first.isCopied) return sockets.map((socket) => alone(socket, undefined))
  const examined = await examineExchange(first.socket, connection, findManagement)
  for (const caution of examined.cautions) listener.caution(caution)
  const { type } = examined
  return sockets.length > 1 && isMatchedType(type)
    ? [together(sockets, type, context)]
    : sockets.map((socket) => alone(socket, examined))
}

function alone(socket: WatchedSocket, examined: ExaminedExchange | undefined): Opening {
  const open: Opening['open'] = async (connection) => {
    const watched = await socket.watch(connection, examined?.bindingArguments)
    return { watched: new Map([[socket, watched]]), failures: [] }
  }
  return { sockets: [socket], open }
}

function together(
  sockets: readonly WatchedSocket[],
  type: MatchedType,
  { request, announced, workers: channels }: OpeningContext,
): Opening {
  const { bindingKey, prefetch, listener } = request
  const [{ socket, printed }] = sockets as [WatchedSocket]
  const keyOf = (one: WatchedSocket) => bindingKey ?? (takesAll(type) ? socket : one.socket).routingKey
  const open: Opening['open'] = async (connection) => {
    const bound = Promise.withResolvers<SharedMessages>()
    const refused = await connection.openCopies({
      socket,
      bindingKeys: [...new Set(sockets.map(keyOf))],
      channels,
      prefetch,
      onMessages: async (received) => {
        await announced
        const messages = await bound.promise
        await listener.messages(messages.split(received, new Date()))
      },
      onOverflow: (limit) => listener.overflow(`${printed} and ${sockets.length - 1} more`, limit),
    })
    const taken = sockets.filter((one) => !refused.has(keyOf(one)))
    bound.resolve(new SharedMessages(taken, type, bindingKey))
    return {
      watched: new Map(taken.map((one) => [one, one.opened(connection, 'copy')])),
      failures: sockets.flatMap((one) => {
        const error = refused.get(keyOf(one))
        return error === undefined ? [] : [{ socket: one, error }]
      }),
    }
  }
  return { sockets, open }
}
