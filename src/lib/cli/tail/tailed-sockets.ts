import type { Context } from '#lib/cli/context.ts'
import { givenSockets } from '#lib/cli/flags/shared/socket.ts'
import type { TailFlags } from '#lib/cli/flags/tail.ts'
import {
  completeSockets,
  refuseNamedExchanges,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import { mergeDestinations } from '#lib/services/tail/merge-destinations.ts'
import type { SubscribedSocket } from '#lib/services/tail/tail-request.ts'
import type { Output } from '#lib/terminal/output.ts'

/**
 * What `evi tail` is to watch, each destination once: the sockets on the command line and the subscribers of the events;
 * all subscribers where it names neither.
 *
 * @throws EviError `no-subscriber`, `usage`, `damaged`
 */
export async function tailedSockets(
  events: readonly string[],
  flags: TailFlags,
  { context, err }: { readonly context: Context; readonly err: Output },
): Promise<readonly SubscribedSocket[]> {
  const given = (await givenSockets(flags, err)) ?? []
  const live = (await context.subscriptions()).live(new Date())
  const all = given.length === 0 && events.length === 0
  const subscribed = live.filter(({ event }) => all || events.includes(event))
  const sockets = [
    ...completeSockets(given, () => live).map((socket) => ({ socket, events: [] })),
    ...subscribed.map(({ event, socket }) => ({ socket, events: [event] })),
  ]
  const found = sockets.map(({ socket }) => socket)
  requireSubscribers(found, events)
  if (flags.from !== undefined) refuseNamedExchanges('--from', found)
  if (flags.last !== undefined) refuseNamedExchanges('--last', found)
  return mergeDestinations(sockets)
}
