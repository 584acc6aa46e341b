import { isPrintedAs, readPrintedSocket, type Subscriber } from '#lib/domain/opensips/subscriber.ts'
import type { Version } from '#lib/domain/opensips/version.ts'
import { writeSocket } from '#lib/domain/opensips/write-socket.ts'
import {
  defaultPassword,
  defaultUser,
  defaultVhost,
  identityOf,
  type Socket,
} from '#lib/domain/socket/socket.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'

/** A rabbitmq subscriber of OpenSIPS, and the socket by which evi reaches the same place. */
export interface LocatedSubscriber {
  /** As OpenSIPS prints it. */
  readonly printed: string
  /** With its port; undefined where that is not found. */
  readonly socket: Socket | undefined
  /** Whether the socket has the password of its user. */
  readonly hasLogin: boolean
}

export interface LocateRequest {
  readonly event: string
  readonly version: Version
  /** Those that evi knows, which lend ports and logins to what OpenSIPS prints. */
  readonly known: readonly Socket[]
  /** Ask for ports and default logins also where none of those fits, which takes several requests for each. */
  readonly guess: boolean
}

/**
 * Finds the port and the login that OpenSIPS does not print, among those of evi's own sockets and the default ones. OpenSIPS is
 * asked whether it has the subscriber with that port, exchange and routing key.
 */
export async function locateSubscribers(
  subscribers: readonly Subscriber[],
  { event, version, known, guess }: LocateRequest,
  openSips: OpenSips,
): Promise<readonly LocatedSubscriber[]> {
  const taken = new Set<string>()
  const located: LocatedSubscriber[] = []
  // The port that was found last is the likeliest for the next one.
  const ports = new Set<number>()
  const reachable = oneHostEach(known)
  for (const { printed } of subscribers.filter(({ transport }) => transport === 'rabbitmq')) {
    let socket: Socket | undefined
    for (const candidate of candidatesFor(printed, { reachable, guess, ports })) {
      // Two that differ in the port print alike.
      if (taken.has(identityOf(candidate))) continue
      const written = writeSocket(candidate, { version, password: undefined })
      if ('refused' in written || !(await openSips.hasSubscriber(event, written.text))) continue
      socket = candidate
      taken.add(identityOf(candidate))
      ports.add(candidate.hosts[0].port)
      break
    }
    const { password, user } = socket ?? {}
    const lent = known.some((one) => one.user === user && one.password === password)
    located.push({ printed, socket, hasLogin: user === defaultUser || (socket !== undefined && lent) })
  }
  return located
}

/** The sockets as OpenSIPS can have them: of the default vhost, each with one host. */
function oneHostEach(known: readonly Socket[]): readonly Socket[] {
  return known
    .filter(({ vhost }) => vhost === defaultVhost)
    .flatMap((socket) => socket.hosts.map((host): Socket => ({ ...socket, hosts: [host], anonymous: false })))
}

/** Sockets that OpenSIPS prints so, the likeliest first. */
function candidatesFor(
  printed: string,
  {
    reachable,
    guess,
    ports: found,
  }: { reachable: readonly Socket[]; guess: boolean; ports: ReadonlySet<number> },
): readonly Socket[] {
  const exact = reachable.filter((socket) => isPrintedAs(socket, printed))
  const parts = readPrintedSocket(printed)
  if (parts === undefined || !guess) return exact
  const { user, host } = parts
  const routes = readings(parts.route)
  // Up to 3.4 a socket without a user is printed so.
  const isDefault = user === defaultUser || user === defaultUser.slice(0, -1)
  const logins = reachable.filter(
    (socket) =>
      socket.hosts[0].host.toLowerCase() === host.toLowerCase() &&
      (socket.user === user || (isDefault && socket.user === defaultUser)),
  )
  const ports = new Set([...found, 5672, 5671, ...reachable.map(({ hosts: [{ port }] }) => port)])
  for (const port of ports) logins.push(withoutLogin({ user: isDefault ? defaultUser : user, host, port }))
  return distinct([...exact, ...logins.flatMap((socket) => routes.map((route) => ({ ...socket, ...route })))])
}

/** What stands before a `?` may be the exchange, or a part of the routing key on the default one. */
function readings(route: string): readonly Pick<Socket, 'exchange' | 'routingKey'>[] {
  const key = { exchange: '', routingKey: route }
  const question = route.indexOf('?')
  if (question < 0) return [key]
  return [{ exchange: route.slice(0, question), routingKey: route.slice(question + 1) }, key]
}

/** OpenSIPS prints no password, and needs none to say whether it has the subscriber. */
function withoutLogin({ user, host, port }: { user: string; host: string; port: number }): Socket {
  return {
    hosts: [{ host, port }],
    user,
    anonymous: false,
    password: user === defaultUser ? defaultPassword : undefined,
    vhost: defaultVhost,
    exchange: '',
    routingKey: '',
    persistent: false,
    tlsDomain: null,
  }
}

function distinct(sockets: readonly Socket[]): readonly Socket[] {
  return [
    ...new Map(sockets.map((socket) => [identityOf(socket), socket] as const).reverse()).values(),
  ].reverse()
}
