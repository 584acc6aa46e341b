import { likenessesOf, likenessOf, readPrintedSocket, usersOf } from '#lib/domain/opensips/subscriber.ts'
import type { Version } from '#lib/domain/opensips/version.ts'
import { defaultPassword, defaultUser, defaultVhost, type Socket } from '#lib/domain/socket/socket.ts'

/** A socket that OpenSIPS may have, with one host. */
export interface Candidate {
  readonly socket: Socket
  /** Whether a socket of evi's lends its login. */
  readonly isLent: boolean
}

/** The ports that an OpenSIPS of which nothing is known sends to. */
const usualPorts = [5672, 5671]

/** Sockets of evi's, found by what OpenSIPS prints of them. */
export class KnownSockets {
  readonly #version: Version
  readonly #byLikeness = new Map<string, Candidate[]>()
  /** By lower-case host; those that differ in the route only are one. */
  readonly #byHost = new Map<string, Map<string, Candidate>>()
  readonly #ports = new Set<number>(usualPorts)

  constructor(sockets: readonly Socket[], version: Version) {
    this.#version = version
    for (const socket of sockets.flatMap(oneHostEach)) {
      const candidate = { socket, isLent: true }
      const [{ host, port }] = socket.hosts
      for (const likeness of likenessesOf(socket, version)) add(this.#byLikeness, likeness, candidate)
      const logins = this.#byHost.get(host.toLowerCase()) ?? new Map<string, Candidate>()
      this.#byHost.set(host.toLowerCase(), logins.set(JSON.stringify([socket.user, port]), candidate))
      this.#ports.add(port)
    }
  }

  /**
   * Sockets that OpenSIPS prints so, the likeliest first.
   *
   * @param guess take known and usual ports, too, where no socket fits
   * @param likely ports to try before others
   */
  candidatesFor(
    printed: string,
    { guess, likely }: { readonly guess: boolean; readonly likely: Iterable<number> },
  ): readonly Candidate[] {
    const exact = this.#byLikeness.get(likenessOf(printed, this.#version)) ?? []
    const parts = readPrintedSocket(printed)
    if (parts === undefined || !guess) return exact
    const { host, route } = parts
    const users = usersOf(parts, this.#version)
    const known = this.#byHost.get(host.toLowerCase())?.values() ?? []
    const logins = [...known].filter(({ socket: { user } }) => users.includes(user))
    for (const port of new Set([...likely, ...this.#ports]))
      for (const user of users) logins.push({ socket: plainSocket({ user, host, port }), isLent: false })
    const guesses = logins.flatMap(({ socket, isLent }) =>
      readings(route).map((one) => ({ socket: { ...socket, ...one, persistent: false }, isLent })),
    )
    return [...exact, ...guesses]
  }
}

/** The socket as OpenSIPS can have it: of the default vhost, for each of its hosts. */
function oneHostEach(socket: Socket): readonly Socket[] {
  if (socket.vhost !== defaultVhost) return []
  return socket.hosts.map((host): Socket => ({ ...socket, hosts: [host], anonymous: false }))
}

/** What stands before a `?` may be the exchange, or a part of the routing key on the default one. */
function readings(route: string): readonly Pick<Socket, 'exchange' | 'routingKey'>[] {
  const key = { exchange: '', routingKey: route }
  const question = route.indexOf('?')
  if (question < 0) return [key]
  return [{ exchange: route.slice(0, question), routingKey: route.slice(question + 1) }, key]
}

/** OpenSIPS prints no password, and needs none to say whether it has the subscriber. */
function plainSocket({ user, host, port }: { user: string; host: string; port: number }): Socket {
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

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
