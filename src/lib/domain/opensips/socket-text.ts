import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { defaultUser, type Socket, scheme } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** What is to be known of a socket beside where it leads. */
export type SocketNote =
  | 'old-form'
  | 'twice'
  | 'looks-like-a-parameter'
  | 'persistent-lost'
  | 'newline-in-socket'
  | 'control-character'
  | 'no-password'

/** A socket as OpenSIPS reads it, or why OpenSIPS or evi refuses it, in one clause without its password. */
export type SocketReading =
  | { readonly socket: Socket; readonly notes: readonly SocketNote[] }
  | { readonly refused: string }

const parameter = /^(?:(?:exchange|tls_domain)=.+|persistent)$/s
/** Escapes for what OpenSIPS decodes: printable ASCII. */
const decoded = /%(?:[2-6][0-9a-f]|7[0-9a-e])/gi

/**
 * Reads a socket as OpenSIPS's event_rabbitmq does, in the form up to 3.1 or from 3.2 on; where the two forms say
 * different things, as 3.2 does. See docs/opensips-config.md.
 */
export function readSocketText(text: string): SocketReading {
  if (text.includes('%') && /%[0-9a-f]{2}/i.test(text.replace(decoded, '')))
    return { refused: 'OpenSIPS decodes only %20 to %7E' }
  if (text.startsWith(`${scheme}//`)) return { refused: 'OpenSIPS takes no URL for a socket' }
  const slash = text.indexOf('/')
  const question = slash < 0 ? -1 : text.indexOf('?', slash)
  const list = readParameters(question < 0 ? undefined : text.slice(slash + 1, question))
  if ('refused' in list) return list
  const canonical = question < 0 ? text : text.slice(0, slash + 1) + list.text + text.slice(question)
  let socket: Socket
  try {
    socket = parseSocket(canonical)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    // Without the socket, which the lines below quote.
    return { refused: (error.message.split('\n', 1)[0] as string).replace(/^[^:]*: |\.$/g, '') }
  }
  const { hosts, user, password } = socket
  if (hosts.length > 1) return { refused: 'OpenSIPS takes several hosts for the name of one' }
  if (hosts[0].host.includes(':')) return { refused: 'OpenSIPS knows no IPv6 address in a socket' }
  const notes = [...list.notes, ...notesOn(socket, question < 0)]
  if (password === undefined && user !== defaultUser) notes.push('no-password')
  // OpenSIPS always logs in with a user, over TLS too.
  return { socket: { ...socket, anonymous: false }, notes }
}

/** The text before the "?", without what evi refuses and OpenSIPS does not mind. */
function readParameters(
  list: string | undefined,
): { readonly text: string; readonly notes: readonly SocketNote[] } | { readonly refused: string } {
  if (list === undefined) return { text: '', notes: [] }
  const tokens = list.split(';').map((token) => token.replace(/^ +| +$/g, ''))
  if (!tokens.every((token) => parameter.test(token))) {
    if (/(?:^|;) *vhost=/.test(list)) return { refused: "vhost= is evi's own, OpenSIPS does not know it" }
    if (/(?:^|;) *exchange= *(?:;|$)/.test(list)) return { refused: 'OpenSIPS refuses an empty exchange=' }
    return { text: list, notes: ['old-form'] }
  }
  const byName = new Map(tokens.map((token) => [token.replace(/=.*/s, ''), token]))
  return { text: [...byName.values()].join(';'), notes: byName.size < tokens.length ? ['twice'] : [] }
}

function notesOn({ routingKey, exchange, user, persistent }: Socket, isKeyOnly: boolean): SocketNote[] {
  const notes: SocketNote[] = []
  if (isKeyOnly && /^(?:exchange=|tls_domain=|persistent(?:$|;))/.test(routingKey))
    notes.push('looks-like-a-parameter')
  if (persistent) notes.push('persistent-lost')
  const texts = routingKey + exchange + user
  if (/[\r\n]/.test(texts)) notes.push('newline-in-socket')
  else if (/\p{Cc}/u.test(texts)) notes.push('control-character')
  return notes
}
