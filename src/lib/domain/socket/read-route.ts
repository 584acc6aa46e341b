import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { mayBePassword, refuseSocket } from './invalid-socket.ts'
import { cut, decode, type Piece, split } from './piece.ts'
import { defaultVhost } from './socket.ts'

/** What a socket says behind its hosts. */
export interface Route {
  exchange: string
  routingKey: string
  vhost: string
  persistent: boolean
  tlsDomain: string | null
}

/** The text before the first `?` is a parameter list or a bare exchange; without a `?` all is the routing key. @throws EviError `usage` */
export function readRoute(text: string, piece: Piece): Route {
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
    if (tokens.every((token) => isParameter(token.text))) {
      readParameters(text, tokens, route)
    } else {
      const strange = tokens.find((token) => !isParameter(token.text) && before.text.includes('='))
      if (strange) throw refuseSocket(text, strange.at, unknownParameter(text, strange))
      route.exchange = readName(text, before, 'an exchange')
    }
  }
  route.routingKey = readName(text, after ?? before, 'a routing key')
  return route
}

const parameterPattern = /^(?:(?:exchange|vhost|tls_domain)=.*|persistent)$/s

/** Whether a part of a socket is one of its parameters. */
export function isParameter(text: string): boolean {
  return parameterPattern.test(text)
}

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
