import { defaultPassword, defaultVhost, type Socket, scheme } from '#lib/domain/socket/socket.ts'
import { isUnprintable } from '#lib/text/characters.ts'
import { isBefore, type Version } from './version.ts'

/**
 * The socket as an OpenSIPS of that version reads it, or why there is none; before it is quoted for opensips.cfg. See
 * docs/opensips-config.md.
 *
 * @param password undefined to leave it out
 */
export function writeSocket(
  socket: Socket,
  { version, password }: { readonly version: Version; readonly password: string | undefined },
): { readonly text: string } | { readonly refused: readonly string[] } {
  const refused = refusals(socket, version, password)
  if (refused.length > 0) return { refused }
  const [{ host, port }] = socket.hosts
  const login =
    percentEncode(socket.user, '%@:/') + (password === undefined ? '' : `:${percentEncode(password, '%@:/')}`)
  const route = isBefore(version, '3.2') ? oldRoute(socket) : newRoute(socket)
  return { text: `${scheme}${login}@${host}:${port}/${route}` }
}

/** Whether OpenSIPS logs in with the password of the socket where the socket says none. */
export function isDefaultPassword({ password }: Socket): boolean {
  return password === undefined || password === defaultPassword
}

/** `[exchange?]key`; an exchange must not look like the parameters of the newer form. */
function oldRoute({ exchange, routingKey }: Socket): string {
  if (exchange === '') return routingKey === '' ? '?' : percentEncode(routingKey, '%?')
  const name = exchange === 'persistent' ? '%70ersistent' : percentEncode(exchange, '%;?= ')
  return `${name}?${percentEncode(routingKey, '%')}`
}

/** `[param;param…?]key`, as OpenSIPS 3.2 and later read it. */
export function newRoute({ exchange, routingKey, persistent, tlsDomain }: Socket): string {
  const parameters = [
    ...(exchange === '' ? [] : [`exchange=${percentEncode(exchange, '%;? ')}`]),
    ...(persistent ? ['persistent'] : []),
    ...(tlsDomain === null ? [] : [`tls_domain=${percentEncode(tlsDomain, '%;? ')}`]),
  ]
  if (parameters.length === 0) return percentEncode(routingKey, '%?')
  return `${parameters.join(';')}?${percentEncode(routingKey, '%')}`
}

/** OpenSIPS decodes printable ASCII only; all else stands as it is. */
function percentEncode(text: string, characters: string): string {
  return text.replace(/[%@:/;?= ]/g, (character) =>
    characters.includes(character)
      ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
      : character,
  )
}

function refusals(socket: Socket, version: Version, password: string | undefined): readonly string[] {
  const { hosts, vhost, user, exchange, routingKey, persistent, tlsDomain, anonymous } = socket
  const isOld = isBefore(version, '3.2')
  const names = [user, password ?? '', exchange, routingKey, tlsDomain ?? '']
  const reasons: readonly (readonly [boolean, string])[] = [
    [hosts.length > 1, 'it has several hosts, and OpenSIPS takes one'],
    [
      hosts.some(({ host }) => host.includes(':')),
      'OpenSIPS takes no IPv6 address in a socket; give a host name',
    ],
    [vhost !== defaultVhost, `it has the vhost ${JSON.stringify(vhost)}, and OpenSIPS knows only /`],
    [names.some((name) => /\p{Cc}/u.test(name)), 'there is a control character in a name or in the password'],
    [isOld && persistent, 'OpenSIPS 3.1 knows no persistent'],
    [isOld && tlsDomain !== null, 'OpenSIPS 3.1 knows no tls_domain'],
    [
      anonymous,
      'it names no user, and over TLS evi logs in with a certificate where OpenSIPS takes guest; name the user',
    ],
    [!isOld && exchange === '' && routingKey === '', 'it has neither an exchange nor a routing key'],
  ]
  return reasons.flatMap(([applies, reason]) => (applies ? [reason] : []))
}

/** A text as a string of opensips.cfg in which `$` begins a variable. */
export function quoteForRoute(text: string): string {
  return quoteForModparam(text).replaceAll('$', '$$$$')
}

/** A text as a string of a modparam; what cannot be seen is written by its bytes. */
export function quoteForModparam(text: string): string {
  const plain = text.replace(/["\\]/g, '\\$&')
  const visible = /^[ -~]*$/.test(plain)
    ? plain
    : [...plain].map((character) => (isUnprintable(character) ? byteEscapes(character) : character)).join('')
  return `"${visible}"`
}

function byteEscapes(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}
