import type { RecordedDestination } from '#lib/domain/event/input-line.ts'
import { identityOf, type Socket } from '#lib/domain/socket/socket.ts'

/**
 * Leads the subscribers of a recorded message to the exchange and routing key that it had, each place once.
 *
 * @returns a function that gives the same array for the same subscribers and destination
 */
export function recordedDestinations(): (
  sockets: readonly Socket[],
  destination: RecordedDestination | undefined,
) => readonly Socket[] {
  const known = new WeakMap<readonly Socket[], Map<string, readonly Socket[]>>()
  return (sockets, destination) => {
    if (destination === undefined) return sockets
    const byDestination = known.get(sockets) ?? new Map<string, readonly Socket[]>()
    known.set(sockets, byDestination)
    const key = JSON.stringify([destination.exchange, destination.routingKey])
    const led = byDestination.get(key) ?? lead(sockets, destination)
    byDestination.set(key, led)
    return led
  }
}

function lead(sockets: readonly Socket[], { exchange, routingKey }: RecordedDestination): readonly Socket[] {
  const led = sockets.map((socket) => ({ ...socket, exchange, routingKey }))
  return [...new Map(led.map((socket) => [identityOf(socket), socket])).values()]
}
