import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'

type Sockets = readonly [string, ...string[]]

/** From so many sockets on, those of one exchange are named together, whatever their logins and vhosts. */
const crowd = 50

/**
 * Printed sockets in their order, each alone, but those of one exchange together where they are many, or those of its name
 * on one broker where they are a crowd.
 */
export function alikeSockets(sockets: readonly string[]): readonly Sockets[] {
  const brokers = Map.groupBy(sockets, (socket) => withoutLogin(placeOf(socket)))
  const places = Map.groupBy(sockets, (socket) => {
    const place = placeOf(socket)
    const broker = withoutLogin(place)
    return (brokers.get(broker)?.length ?? 0) < crowd ? place : broker
  })
  return [...places.values()].flatMap((alike) =>
    alike.length < many ? alike.map((socket): Sockets => [socket]) : [alike as readonly string[] as Sockets],
  )
}

/** The one, or the number of many with the first as an example. */
export function namedBySample(sockets: Sockets): string {
  const [first] = sockets
  return sockets.length === 1 ? first : `${count(sockets.length)} sockets such as ${first}`
}

/** What stands before the routing key: the login, and the exchange where one is named. */
function placeOf(socket: string): string {
  return /^[^/]*\/(?:[^?]*\?)?/.exec(socket)?.[0] ?? socket
}

/** The same for all logins, and for vhosts. */
function withoutLogin(place: string): string {
  return place.slice(place.indexOf('@')).replace(/;?vhost=[^;?]*/, '')
}
