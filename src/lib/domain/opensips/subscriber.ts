import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { defaultUser, defaultVhost, type Socket } from '#lib/domain/socket/socket.ts'

/** A subscriber of an event in OpenSIPS, as its `subscribers_list` prints it. */
export interface Subscriber {
  /** The socket; the passwords in it, as of the members of a virtual socket, are masked. */
  readonly printed: string
  /** Such as `rabbitmq`, `udp` or `route`. */
  readonly transport: string
  /** Seconds; `never` for all rabbitmq sockets. */
  readonly expire: number | 'never'
}

/** What OpenSIPS prints of a rabbitmq socket: neither port nor password, and exchange and key as one text. */
export interface PrintedSocket {
  readonly user: string
  readonly host: string
  /** `[exchange?]key`, unescaped: a `?` may be part of either. */
  readonly route: string
}

/** A socket of `subscribers_list`. @param socket as OpenSIPS prints it */
export function readSubscriber(socket: string, expire: number | 'never'): Subscriber {
  const transport = /^[a-z_]+(?=:)/i.exec(socket)?.[0] ?? ''
  // OpenSIPS prints the members of a virtual socket as they were written.
  return { printed: transport === 'rabbitmq' ? socket : maskPasswords(socket), transport, expire }
}

/** Reads a printed rabbitmq socket: the shortest user first, as user and route may hold `@` and `/`. */
export function readPrintedSocket(printed: string): PrintedSocket | undefined {
  const [, user, host, route] = /^rabbitmq:(.*?)@([A-Za-z0-9._-]+)\/(.*)$/s.exec(printed) ?? []
  if (user === undefined || host === undefined || route === undefined) return undefined
  return { user, host, route }
}

/** The ways in which OpenSIPS may print the socket; none where it cannot have it. */
function printsOf(socket: Socket): readonly string[] {
  if (socket.vhost !== defaultVhost) return []
  const { user, exchange, routingKey } = socket
  const route = exchange === '' ? routingKey : `${exchange}?${routingKey}`
  // Up to 3.4 a socket without a user is printed so.
  const users = user === defaultUser ? [user, defaultUser.slice(0, -1)] : [user]
  return socket.hosts.flatMap(({ host }) => users.map((name) => `rabbitmq:${name}@${host}/${route}`))
}

/** Whether OpenSIPS would print this socket so; the port is not part of it. */
export function isPrintedAs(socket: Socket, printed: string): boolean {
  return printsOf(socket).includes(printed)
}
