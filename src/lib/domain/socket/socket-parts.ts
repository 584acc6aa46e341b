import { EviError } from '#lib/errors.ts'
import { parseSocket } from './parse-socket.ts'
import { type Socket, scheme } from './socket.ts'

/** A socket given by parts, as the flags of `evi subscribe` do; unescaped. */
export interface SocketParts {
  readonly hosts: readonly string[]
  readonly port?: string | undefined
  readonly user?: string | undefined
  readonly vhost?: string | undefined
  readonly exchange?: string | undefined
  readonly routingKey?: string | undefined
  readonly tlsDomain?: string | undefined
  readonly persistent: boolean
}

/** Makes the socket that the parts describe, under the same rules as a written one. @throws EviError `usage` */
export function socketFromParts(parts: SocketParts): Socket {
  const { hosts, user, vhost, exchange, routingKey, tlsDomain, persistent } = parts
  if (hosts.length === 0) throw missing('--host')
  if (routingKey === undefined && exchange === undefined) throw missing('--routing-key (or --exchange)')
  if ([...hosts, parts.port ?? ''].some((part) => /[/@,]/.test(part))) {
    throw new EviError('usage', 'A host or port has a "/", "@" or "," in it.', {
      hint: 'The login is given by --user and --password-file; several hosts by several --host.',
    })
  }
  if (user === '') {
    throw new EviError('usage', 'The user is empty.', {
      hint: 'For a token that names its user, write the whole socket: rabbitmq::TOKEN@HOST/ROUTING_KEY',
    })
  }
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`
  const list = hosts.map((host) => withPort(host, parts.port)).join(',')
  const parameters = [
    ...(exchange === undefined ? [] : [`exchange=${encodeURIComponent(exchange)}`]),
    ...(vhost === undefined ? [] : [`vhost=${encodeURIComponent(vhost)}`]),
    ...(tlsDomain === undefined ? [] : [`tls_domain=${encodeURIComponent(tlsDomain)}`]),
    ...(persistent ? ['persistent'] : []),
  ]
  const route = parameters.length > 0 || !routingKey ? `${parameters.join(';')}?` : ''
  return parseSocket(`${scheme}${login}${list}/${route}${encodeURIComponent(routingKey ?? '')}`)
}

function withPort(host: string, port: string | undefined): string {
  const bare = host.split(':').length > 2 && !host.startsWith('[')
  const written = bare ? `[${host}]` : host
  return port === undefined || /[^:\]]:\d+$|\]:\d+$/.test(written) ? written : `${written}:${port}`
}

function missing(flag: string): EviError {
  return new EviError('usage', `A socket given by parts needs ${flag}.`, {
    hint: 'Give the socket as an argument, or --host HOST --routing-key KEY with --port, --user, --password-file, --vhost, --exchange, --tls-domain or --persistent as needed.',
  })
}
