import { loginFromParts, withRoute } from '#lib/cli/flags/shared/login-parts.ts'
import { givenPassword, givenSockets } from '#lib/cli/flags/shared/socket.ts'
import { connectionKeyOf, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import type { Output } from '#lib/terminal/output.ts'

type SocketFlags = Parameters<typeof givenSockets>[0] &
  Parameters<typeof loginFromParts>[0] & { readonly login: boolean }

interface Choice {
  readonly event: string | undefined
  readonly given: readonly Socket[] | undefined
  readonly isLoginOnly: boolean
}

/** The sockets to check: those given, or else those of the event's subscribers, or of all. @throws EviError `usage`, `no-subscriber` */
export function chooseSockets(
  live: readonly Subscription[],
  { event, given, isLoginOnly }: Choice,
): readonly Socket[] {
  if (event !== undefined && given) throw new EviError('usage', 'EVENT cannot be used with --socket.')
  const subscribers = live.filter((one) => event === undefined || one.event === event)
  requireSubscribers(given ?? subscribers.map(({ socket }) => socket), event === undefined ? [] : [event])
  if (given) return completeSockets(given, () => live)
  return distinctSockets(
    subscribers.map(({ socket }) => socket),
    isLoginOnly ? connectionKeyOf : wiringKeyOf,
  )
}

/** The sockets that the flags give, if they do; a password is read or asked for. @throws EviError `usage`, `no-input`, `data` */
export async function socketsGiven(flags: SocketFlags, err: Output): Promise<readonly Socket[] | undefined> {
  if (!flags.login) return await givenSockets(flags, err)
  const parts = loginFromParts(flags)
  if (parts === undefined) return await givenSockets({ ...flags, socket: flags.socket?.map(withRoute) }, err)
  const password = await givenPassword(flags)
  return [password === undefined ? parts : { ...parts, password }]
}

/** The events that each socket is subscribed to. @param keyOf what sockets that count as one have in common */
export function eventsIn(
  live: readonly Subscription[],
  keyOf: (socket: Socket) => string = wiringKeyOf,
): (socket: Socket) => readonly string[] {
  const bySocket = Map.groupBy(live, ({ socket }) => keyOf(socket))
  return (socket) => (bySocket.get(keyOf(socket)) ?? []).map(({ event }) => event)
}
