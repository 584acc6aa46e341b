import { unprintable } from '#lib/text/characters.ts'

/** One broker node of a socket. */
export interface Host {
  readonly host: string
  readonly port: number
}

/** A password, or the environment variable or the file that holds it when it is needed. */
export type Password = string | { readonly env: string } | { readonly file: string }

/** Where an event goes: an `event_rabbitmq` socket, read (docs/sockets.md). */
export interface Socket {
  readonly hosts: readonly [Host, ...Host[]]
  readonly user: string
  /** No user is named, over TLS: with a client certificate, that is the login, else the default user's. */
  readonly anonymous: boolean
  /** Undefined when the socket names none: the stored one is meant, or else the default. */
  readonly password: Password | undefined
  readonly vhost: string
  /** `''` is the default exchange. */
  readonly exchange: string
  readonly routingKey: string
  readonly persistent: boolean
  readonly tlsDomain: string | null
}

export const scheme = 'rabbitmq:'
export const defaultUser = 'guest'
export const defaultPassword = 'guest'
export const defaultVhost = '/'

/** 5672, or 5671 where the socket asks for TLS. */
export function defaultPort(tlsDomain: string | null): number {
  return tlsDomain === null ? 5672 : 5671
}

/**
 * The printed form: `rabbitmq:user@host:port/[…?]routing_key`, the port always, the password never, escaped so that
 * reading it back gives the same socket (docs/sockets.md). The default user is printed where none
 * was named, but not over TLS, where a certificate may be the login.
 */
export function printSocket(socket: Socket): string {
  const login = socket.anonymous ? '' : `${percentEscape(socket.user, '@:/')}@`
  return `${scheme}${login}${socket.hosts.map(printAddress).join(',')}/${printRoute(socket)}`
}

/** The socket as evi shows it once a host has answered, if one has: with that one, where it has several. */
export function printAnswered(socket: Socket, host: Host | null): string {
  const via = host === null || socket.hosts.length === 1 ? '' : ` via ${printAddress(host)}`
  return printSocket(socket) + via
}

/** A host as it stands in a socket, with its port; IPv6 in brackets. */
export function printAddress({ host, port }: Host): string {
  return `${host.includes(':') ? `[${percentEscape(host)}]` : percentEscape(host)}:${port}`
}

function printRoute({ exchange, routingKey, vhost, persistent, tlsDomain }: Socket): string {
  const parameters = [
    ...(vhost === defaultVhost ? [] : [`vhost=${percentEscape(vhost, '?;')}`]),
    ...(persistent ? ['persistent'] : []),
    ...(tlsDomain === null ? [] : [`tls_domain=${percentEscape(tlsDomain, '?;')}`]),
  ]
  if (parameters.length > 0) {
    const named = exchange === '' ? [] : [`exchange=${percentEscape(exchange, '?;')}`]
    return `${[...named, ...parameters].join(';')}?${percentEscape(routingKey)}`
  }
  // A bare exchange must not read like a parameter, nor a routing key like an exchange.
  if (exchange !== '')
    return `${exchange === 'persistent' ? '%70ersistent' : percentEscape(exchange, '?;=')}?${percentEscape(routingKey)}`
  return routingKey === '' ? '?' : percentEscape(routingKey, '?')
}

/** Percent-escapes `%`, what a terminal may act on, and the characters that would end the part too early. */
function percentEscape(text: string, delimiters = ''): string {
  // Most texts are so plain that the pattern below is not needed, which takes half a millisecond to compile.
  if (/^[\w.-]*$/.test(text)) return text
  escapable ??= new RegExp(`[%@:/?;=${unprintable}]`, 'gu')
  return text.replace(escapable, (character) =>
    '@:/?;='.includes(character) && !delimiters.includes(character) ? character : percentEncode(character),
  )
}

let escapable: RegExp | undefined

function percentEncode(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

/**
 * What makes two sockets the same subscriber: hosts, ports, user, vhost, exchange and routing key; neither password
 * nor `persistent` nor `tls_domain` (docs/sockets.md). Host names are compared as DNS does, without regard to case.
 */
export function identityOf(socket: Socket): string {
  const { user, vhost, exchange, routingKey } = socket
  return JSON.stringify([hostsOf(socket), user, vhost, exchange, routingKey])
}

/** Sockets with the same key can share one connection: hosts, login, vhost and TLS are equal. */
export function connectionKeyOf(socket: Socket): string {
  const { user, anonymous, password, vhost, tlsDomain } = socket
  return JSON.stringify([hostsOf(socket), user, anonymous, password ?? defaultPassword, vhost, tlsDomain])
}

/** Sockets with the same key lead to the same place on the same broker, with any login. */
export function destinationOf(socket: Socket): string {
  const { vhost, exchange, routingKey } = socket
  return JSON.stringify([hostsOf(socket), vhost, exchange, routingKey])
}

/** Sockets with the same key are the same wiring: the same place, come by with the same login. */
export function wiringKeyOf(socket: Socket): string {
  return connectionKeyOf(socket) + destinationOf(socket)
}

function hostsOf({ hosts }: Socket): (string | number)[][] {
  return hosts.map(({ host, port }) => [host.toLowerCase(), port])
}
