import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { defaultUser, defaultVhost, type Socket } from '#lib/domain/socket/socket.ts'
import { isBefore, type Version } from './version.ts'
import { writeSocket } from './write-socket.ts'

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

/** Up to 3.4 OpenSIPS prints a socket without a user so, and it is another one than that of the default user. */
const unnamedUser = defaultUser.slice(0, -1)

function mayBeUnnamed(user: string, version: Version): boolean {
  return user === unnamedUser && isBefore(version, '3.6')
}

/** The users that a printed one may stand for. */
export function usersOf({ user }: PrintedSocket, version: Version): readonly string[] {
  return mayBeUnnamed(user, version) ? [defaultUser, user] : [user]
}

/** What the ways have in common in which OpenSIPS may print one socket: the host's case and an unnamed user aside. */
export function likenessOf(printed: string, version: Version): string {
  const parts = readPrintedSocket(printed)
  if (parts === undefined) return printed
  const user = mayBeUnnamed(parts.user, version) ? defaultUser : parts.user
  return JSON.stringify([user, parts.host.toLowerCase(), parts.route])
}

/** The likeness of what OpenSIPS prints of the socket, for each of its hosts; none where OpenSIPS cannot have it. */
export function likenessesOf(socket: Socket, version: Version): readonly string[] {
  if (socket.vhost !== defaultVhost) return []
  const { user, exchange, routingKey, hosts } = socket
  const route = exchange === '' ? routingKey : `${exchange}?${routingKey}`
  return hosts.map(({ host }) => likenessOf(`rabbitmq:${user}@${host}/${route}`, version))
}

/**
 * The socket as OpenSIPS compares it with its subscribers: by user, host, port, exchange and routing key, as text. Never with
 * a tls_domain: to look for one crashes an OpenSIPS whose event_rabbitmq has no use_tls.
 *
 * @returns undefined where OpenSIPS cannot have the socket
 */
export function comparedText(socket: Socket, version: Version): string | undefined {
  const plain = { ...socket, anonymous: false, persistent: false, tlsDomain: null }
  const written = writeSocket(plain, { version, password: undefined })
  return 'refused' in written ? undefined : written.text
}

/** The socket by which OpenSIPS finds a subscriber that it prints so; undefined where it cannot have it. */
export function lookupText(socket: Socket, printed: string, version: Version): string | undefined {
  const parts = readPrintedSocket(printed)
  if (parts === undefined) return undefined
  const [{ port }] = socket.hosts
  const text = comparedText({ ...socket, hosts: [{ host: parts.host, port }] }, version)
  const isUnnamed = mayBeUnnamed(parts.user, version) && socket.user === defaultUser
  return isUnnamed ? text?.replace(`${defaultUser}@`, '') : text
}
