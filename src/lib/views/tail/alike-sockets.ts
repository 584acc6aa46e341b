import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'

type Sockets = readonly [string, ...string[]]

/** From so many sockets on, those of one exchange are named together, whatever their logins and vhosts. */
const crowd = 50

/**
 * Printed sockets, each alone, but those of one exchange together where they are many, or those of its name on one broker
 * where they are a crowd. What is left of a broker is named together, too, where it is a crowd.
 */
export function alikeSockets(sockets: readonly string[]): readonly Sockets[] {
  const brokers = Map.groupBy(sockets, (socket) => withoutLogin(placeOf(socket)))
  const places = Map.groupBy(sockets, (socket) => {
    const place = placeOf(socket)
    const broker = withoutLogin(place)
    return (brokers.get(broker)?.length ?? 0) < crowd ? place : broker
  })
  const few = [...places.values()].filter((alike) => alike.length < many).flat()
  const left = Map.groupBy(few, hostOf)
  const isOfCrowd = (socket: string) => (left.get(hostOf(socket))?.length ?? 0) >= crowd
  const groups = [...places.values()].flatMap((alike): (readonly string[])[] =>
    alike.length < many ? alike.filter((socket) => !isOfCrowd(socket)).map((socket) => [socket]) : [alike],
  )
  return [...groups, ...[...left.values()].filter((alike) => alike.length >= crowd)] as Sockets[]
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

/** The broker's address, or several. */
function hostOf(socket: string): string {
  return /^[^/]*/.exec(withoutLogin(socket))?.[0] ?? socket
}
