import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'

type Sockets = readonly [string, ...string[]]

/** Printed sockets in their order, each alone, but those of one exchange together where they are many. */
export function alikeSockets(sockets: readonly string[]): readonly Sockets[] {
  return [...Map.groupBy(sockets, placeOf).values()].flatMap((alike) =>
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
