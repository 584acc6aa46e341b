import * as Flags from '@oclif/core/flags'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import { EviError } from '#lib/errors.ts'

const part = { helpGroup: 'LOGIN BY PARTS', dependsOn: ['login'] }

/** A login given by parts. */
export const loginPartFlags = {
  login: Flags.boolean({
    description: 'check the way to the broker and the login only; a socket needs no routing key then',
    exclusive: ['probe', 'opensips'],
  }),
  host: Flags.string({
    ...part,
    description: 'host of the broker; several times for a cluster',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['socket'],
  }),
  port: Flags.string({ ...part, description: 'port of the hosts that name none; 5672, or 5671 with TLS' }),
  user: Flags.string({ ...part, description: 'user to log in as (default: guest)' }),
  vhost: Flags.string({ ...part, description: 'virtual host (default: /)' }),
  'tls-domain': Flags.string({ ...part, description: 'TLS domain to connect with' }),
}

interface LoginParts {
  readonly host?: readonly string[] | undefined
  readonly port?: string | undefined
  readonly user?: string | undefined
  readonly vhost?: string | undefined
  readonly 'tls-domain'?: string | undefined
}

/** The socket of a login that is given by parts; undefined where none is. @throws EviError `usage` */
export function loginFromParts(flags: LoginParts): Socket | undefined {
  const { host: hosts, port, user, vhost, 'tls-domain': tlsDomain } = flags
  if (hosts)
    return socketFromParts({ hosts, port, user, vhost, tlsDomain, routingKey: '', persistent: false })
  if ([port, user, vhost, tlsDomain].every((value) => value === undefined)) return undefined
  throw new EviError('usage', 'A login given by parts needs --host.', {
    hint: 'For example: evi check --login --host rmq.example.com --user alice --ask-password',
  })
}

/** The text of a socket, with an empty route where it has none: `rabbitmq:alice@host`. */
export function withRoute(text: string): string {
  return /^rabbitmq:[^/?]*\/?$/.test(text) ? `${text.replace(/\/$/, '')}/?` : text
}
