import { hasBlankOrUnprintable, shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { mayBePassword, refuseSocket } from './invalid-socket.ts'
import { defaultPort, defaultUser, defaultVhost, type Host, type Socket, scheme } from './socket.ts'
import { authorityStart, refuseAmqpUrl, refuseLongPath } from './socket-url.ts'

/** A piece of the socket's text and where it starts, so that a refusal can point at it. */
interface Piece {
  readonly text: string
  readonly at: number
}

interface Route {
  exchange: string
  routingKey: string
  vhost: string
  persistent: boolean
  tlsDomain: string | null
}

/**
 * Reads an `event_rabbitmq` socket in either grammar, OpenSIPS's up to 3.1 and from 3.2 on (docs/sockets.md).
 *
 * @throws EviError `usage`, with the socket quoted (its password masked) and a caret under the place
 */
export function parseSocket(text: string): Socket {
  if (!text.startsWith(scheme)) {
    const url = refuseAmqpUrl(text)
    if (url) throw url
    const written = text.slice(0, scheme.length).toLowerCase() === scheme
    throw refuseSocket(
      text,
      0,
      written ? 'the scheme is written in lower case: rabbitmq:' : `a socket starts with "${scheme}"`,
    )
  }
  // Half of a surrogate pair has no form in UTF-8, and would come back from the store as another character.
  if (!text.isWellFormed())
    throw refuseSocket(text, text.search(/\p{Cs}/u), 'this character is no valid Unicode')
  const start = authorityStart(text)
  const slash = text.indexOf('/', start)
  const authority = { text: text.slice(start, slash < 0 ? undefined : slash), at: start }
  if (slash < 0) throw refuseSocket(text, text.length, 'expected "/" and a routing key here')
  refuseLongPath(text, slash)

  const at = authority.text.indexOf('@')
  const login = at < 0 ? undefined : { text: authority.text.slice(0, at), at: authority.at }
  const hostList = { text: authority.text.slice(at + 1), at: authority.at + at + 1 }

  const { user, password } = login ? readLogin(text, login) : { user: defaultUser, password: undefined }
  const route = readRoute(text, { text: text.slice(slash + 1), at: slash + 1 })
  const hosts = readHosts(text, hostList, defaultPort(route.tlsDomain))
  const anonymous = login === undefined && route.tlsDomain !== null
  return { hosts, user, anonymous, password, ...route }
}

function readLogin(text: string, login: Piece): { user: string; password: string | undefined } {
  // An empty user is one: a broker that takes tokens finds the user's name in the token.
  const [user, password] = cut(login, ':')
  return { user: decode(text, user), password: password && decode(text, password) }
}

function readHosts(text: string, list: Piece, port: number): [Host, ...Host[]] {
  const stray = list.text.indexOf('@')
  if (stray >= 0) throw refuseSocket(text, list.at + stray, 'an "@" in a user or password is written %40')
  const [first, ...others] = split(list, ',').map((piece) => readHost(text, piece, port))
  return [first as Host, ...others]
}

function readHost(text: string, piece: Piece, standardPort: number): Host {
  const closing = piece.text.indexOf(']')
  const bracketed = piece.text.startsWith('[') && closing > 0
  if (!bracketed && piece.text.indexOf(':') !== piece.text.lastIndexOf(':'))
    throw refuseSocket(text, piece.at, 'an IPv6 address is written in brackets: [::1]')

  const hostEnd = bracketed ? closing + 1 : piece.text.indexOf(':')
  const host = { text: hostEnd < 0 ? piece.text : piece.text.slice(0, hostEnd), at: piece.at }
  const rest = hostEnd < 0 ? '' : piece.text.slice(hostEnd)
  if (rest !== '' && !rest.startsWith(':'))
    throw refuseSocket(text, piece.at + hostEnd, 'expected ":" and a port here')
  const port =
    rest === '' ? standardPort : readPort(text, { text: rest.slice(1), at: piece.at + hostEnd + 1 })
  return { host: bracketed ? readAddress(text, host) : readHostName(text, host), port }
}

function readAddress(text: string, piece: Piece): string {
  const address = decode(text, { text: piece.text.slice(1, -1), at: piece.at + 1 })
  const [withoutZone, zone] = address.split('%')
  const valid = URL.canParse(`http://[${withoutZone}]`) && zone !== '' && !hasBlankOrUnprintable(address)
  if (!valid) throw refuseSocket(text, piece.at + 1, 'expected an IPv6 address here')
  return address
}

function readHostName(text: string, piece: Piece): string {
  const name = decode(text, piece)
  if (name === '') throw refuseSocket(text, piece.at, 'expected a host here')
  if (hasBlankOrUnprintable(name) || /[@:/[\]?#%;,<>"\\^`{|}]/.test(name)) {
    throw refuseSocket(text, piece.at, 'expected a host name or an address here')
  }
  if (utf8Length(name) > shortStringLimit)
    throw refuseSocket(text, piece.at, `a host name is at most ${shortStringLimit} bytes long`)
  return name
}

function readPort(text: string, piece: Piece): number {
  const port = /^\d+$/.test(piece.text) ? Number(piece.text) : 0
  if (port < 1 || port > 65535)
    throw refuseSocket(text, piece.at, 'expected a port here, a number from 1 to 65535')
  return port
}

/** The text before the first `?` is a parameter list or a bare exchange; without a `?` all is the routing key. */
function readRoute(text: string, piece: Piece): Route {
  const route: Route = {
    exchange: '',
    routingKey: '',
    vhost: defaultVhost,
    persistent: false,
    tlsDomain: null,
  }
  const [before, after] = cut(piece, '?')
  if (after === undefined) {
    if (before.text === '') throw refuseSocket(text, before.at, 'expected a routing key here')
  } else if (before.text !== '') {
    const tokens = split(before, ';')
    if (tokens.every((token) => parameterPattern.test(token.text))) {
      readParameters(text, tokens, route)
    } else {
      const strange = tokens.find((token) => !parameterPattern.test(token.text) && before.text.includes('='))
      if (strange) throw refuseSocket(text, strange.at, unknownParameter(text, strange))
      route.exchange = readName(text, before, 'an exchange')
    }
  }
  route.routingKey = readName(text, after ?? before, 'a routing key')
  return route
}

const parameterPattern = /^(?:(?:exchange|vhost|tls_domain)=.*|persistent)$/s

function unknownParameter(text: string, token: Piece): string {
  const named = mayBePassword(text, token) ? '' : ` "${token.text.split('=', 1)[0]}"`
  return `unknown parameter${named}: known are exchange=NAME, persistent, tls_domain=NAME and vhost=NAME`
}

function readParameters(text: string, tokens: readonly Piece[], route: Route): void {
  const seen = new Set<string>()
  for (const token of tokens) {
    const [name, value] = cut(token, '=')
    if (seen.has(name.text)) throw refuseSocket(text, token.at, `the parameter "${name.text}" is given twice`)
    seen.add(name.text)
    if (value === undefined) route.persistent = true
    else if (name.text === 'exchange') route.exchange = readName(text, value, 'an exchange')
    else if (value.text === '') throw refuseSocket(text, value.at, `expected a name for ${name.text} here`)
    else if (name.text === 'vhost') route.vhost = readName(text, value, 'a vhost')
    else route.tlsDomain = readName(text, value, 'a TLS domain')
  }
}

function readName(text: string, piece: Piece, what: string): string {
  const name = decode(text, piece)
  const bytes = utf8Length(name)
  if (bytes > shortStringLimit) {
    throw refuseSocket(
      text,
      piece.at,
      `${what} is at most ${shortStringLimit} bytes long; this one has ${bytes}`,
    )
  }
  return name
}

function decode(text: string, piece: Piece): string {
  // Most pieces, of a store that may have a million sockets.
  if (!piece.text.includes('%')) return piece.text
  const broken = /%(?![0-9a-f]{2})/i.exec(piece.text)
  if (broken)
    throw refuseSocket(
      text,
      piece.at + broken.index,
      'expected two hexadecimal digits after "%" (a "%" itself is %25)',
    )
  try {
    return decodeURIComponent(piece.text)
  } catch {
    throw refuseSocket(text, piece.at + piece.text.indexOf('%'), 'these escapes are not valid UTF-8')
  }
}

function cut(piece: Piece, separator: string): [Piece, Piece | undefined] {
  const index = piece.text.indexOf(separator)
  if (index < 0) return [piece, undefined]
  return [
    { text: piece.text.slice(0, index), at: piece.at },
    { text: piece.text.slice(index + 1), at: piece.at + index + 1 },
  ]
}

function split(piece: Piece, separator: string): Piece[] {
  // Most pieces.
  if (!piece.text.includes(separator)) return [piece]
  let at = piece.at
  return piece.text.split(separator).map((text) => {
    const part = { text, at }
    at += text.length + 1
    return part
  })
}
