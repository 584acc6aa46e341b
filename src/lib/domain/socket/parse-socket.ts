import { hasBlankOrUnprintable, shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { refuseSocket } from './invalid-socket.ts'
import { cut, decode, type Piece, split } from './piece.ts'
import { readRoute } from './read-route.ts'
import { defaultPort, defaultUser, type Host, type Socket, scheme } from './socket.ts'
import { authorityStart, refuseAmqpUrl, refuseLongPath } from './socket-url.ts'

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
