import { sideBySide } from '#lib/async/side-by-side.ts'
import type { BrokerConnection } from '#lib/broker/broker.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'
import {
  type Failure,
  type Opened,
  type Opening,
  type OpeningContext,
  openingGroups,
  planOpenings,
} from './openings.ts'
import type { Watched } from './tail-request.ts'
import type { WatchedSocket } from './watched-socket.ts'

export interface OpenedConsumers extends Opened {
  /** Those at whose opening the connection was lost, after which nothing more is opened. */
  readonly lost: readonly Failure[]
  /** Those for which the connection has no channel left, after which nothing more is opened, either. */
  readonly full: readonly Failure[]
}

/** Opens the consumers of the sockets on a connection, some at once. */
export async function openConsumers(
  sockets: readonly WatchedSocket[],
  connection: BrokerConnection,
  context: OpeningContext,
): Promise<OpenedConsumers> {
  const watched = new Map<WatchedSocket, Watched>()
  const failures: Failure[] = []
  const lost: Failure[] = []
  const full: Failure[] = []
  const fail = (failure: Failure) => {
    const { error } = failure
    if (error instanceof ConnectionFull) full.push(failure)
    else (error.code === 'unreachable' ? lost : failures).push(failure)
  }
  const orFail = async (those: readonly WatchedSocket[], action: () => Promise<void>) => {
    if (lost.length > 0 || full.length > 0) return
    try {
      await action()
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      for (const socket of those) fail({ socket, error })
    }
  }
  const { workers } = context
  const openAll = async (groups: readonly (readonly WatchedSocket[])[]) => {
    const openings: Opening[] = []
    await sideBySide(groups, workers, async (group) => {
      await orFail(group, async () => {
        openings.push(...(await planOpenings(group, connection, context)))
      })
    })
    await sideBySide(openings, workers, async (opening) => {
      await orFail(opening.sockets, async () => {
        const opened = await opening.open(connection)
        for (const [socket, one] of opened.watched) watched.set(socket, one)
        opened.failures.forEach(fail)
      })
    })
  }
  const groups = openingGroups(sockets)
  // One by one, as not all may have a channel there.
  if (workers === 1) for (const group of groups) await openAll([group])
  else await openAll(groups)
  return { watched, failures, lost, full }
}
