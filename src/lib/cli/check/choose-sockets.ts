import { givenSockets } from '#lib/cli/flags/socket.ts'
import { type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'

type SocketFlags = Parameters<typeof givenSockets>[0]

/** The sockets to check: those given, or else those of the event's subscribers, or of all. @throws EviError `usage`, `no-subscriber` */
export async function chooseSockets(
  live: readonly Subscription[],
  { event, flags }: { readonly event: string | undefined; readonly flags: SocketFlags },
): Promise<readonly Socket[]> {
  const given = await givenSockets(flags)
  if (event !== undefined && given) throw new EviError('usage', 'An EVENT and --socket do not go together.')
  const subscribers = live.filter((one) => event === undefined || one.event === event)
  requireSubscribers(given ?? subscribers.map(({ socket }) => socket), event === undefined ? [] : [event])
  if (given) return completeSockets(given, () => live)
  return distinctSockets(
    subscribers.map(({ socket }) => socket),
    wiringKeyOf,
  )
}

/** The events that each socket is subscribed to. */
export function eventsIn(live: readonly Subscription[]): (socket: Socket) => readonly string[] {
  const bySocket = Map.groupBy(live, ({ socket }) => wiringKeyOf(socket))
  return (socket) => (bySocket.get(wiringKeyOf(socket)) ?? []).map(({ event }) => event)
}
