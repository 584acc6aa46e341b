import { destinationOf } from '#lib/domain/socket/socket.ts'
import type { SubscribedSocket } from './tail-request.ts'

/** Each destination once, with the events of all sockets that lead there. */
export function mergeDestinations(sockets: readonly SubscribedSocket[]): readonly SubscribedSocket[] {
  const destinations = Map.groupBy(sockets, ({ socket }) => destinationOf(socket))
  return [...destinations.values()].map((same) => {
    const { socket } = same.at(-1) as SubscribedSocket
    return { socket, events: [...new Set(same.flatMap(({ events }) => events))] }
  })
}
