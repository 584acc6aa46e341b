import type { Stage } from '#lib/broker/broker.ts'
import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import { grantAll, subscribeAgain } from '#lib/domain/failure/remedies.ts'
import { defaultUser, type Host, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { breachOf, connectionForced, messageOf, replyOf, sentenceOf } from './amqp-errors.ts'
import { portsHint } from './network-errors.ts'
import { isTlsAlert, tlsError } from './tls-errors.ts'

/** What goes wrong between a host that is reached and an open vhost becomes an error of evi's here, without any password. */

/** What is known of a handshake that failed. */
export interface FailedHandshake {
  readonly host: Host
  readonly socket: Socket
  readonly tlsDomain: TlsDomain | undefined
  /** The step it came to. */
  readonly step: Stage['step']
  /** The broker's `connection.close`. */
  readonly reply: Reply | undefined
  readonly firstBytes: Buffer
  /** Whether the broker is on another machine, as far as its address tells. */
  readonly remote: boolean
}

/** Why a connection that was reached could not be opened. */
export function handshakeError(error: unknown, failed: FailedHandshake): EviError {
  if (error instanceof EviError) return error
  const { host, reply, firstBytes, step, tlsDomain } = failed
  const where = printAddress(host)
  const closed = reply ?? replyOf(messageOf(error))
  if (closed && isPassing(closed)) {
    return new EviError('unreachable', `${where} closed the connection: ${sentenceOf(closed)}.`, {
      hint: 'The broker’s log tells why.',
      cause: error,
    })
  }
  if (closed) return refusedOpening(closed, failed, error)
  if (isTlsAlert(firstBytes)) {
    return new EviError('unreachable', `${where} speaks TLS, and the socket has no tls_domain.`, {
      hint: 'Make one: evi tls-domain set NAME --ca FILE, and name it in the socket: …/tls_domain=NAME?routing_key',
      cause: error,
    })
  }
  const mechanism = /^SASL mechanism (\w+) is not provided/.exec(messageOf(error))?.[1]
  if (mechanism) return refusedMechanism(mechanism, where, error)
  const tls = tlsDomain && tlsError(error, host, tlsDomain)
  if (tls) return tls
  const code = systemCode(error) ? ` (${systemCode(error)})` : ''
  if (step === 'amqp') {
    return new EviError('unreachable', `${where} does not speak AMQP 0-9-1${code}.`, {
      hint: portsHint,
      cause: error,
    })
  }
  const breach = breachOf(error)
  if (breach) {
    return new EviError('unreachable', `${where} ended the login: ${breach}.`, {
      hint: portsHint,
      cause: error,
    })
  }
  return new EviError('unreachable', `${where} closed the connection during the login${code}.`, {
    hint: 'The broker’s log tells why; it may be at its limit of connections: rabbitmqctl list_connections',
    cause: error,
  })
}

/** A broker that is going down, told to close the connection or in trouble itself refuses nobody's login. */
function isPassing({ code, text }: Reply): boolean {
  return code === connectionForced || code === internalError || /vhost .* is down/i.test(text)
}

/** AMQP 0-9-1, 1.2. */
const internalError = 541

function refusedMechanism(mechanism: string, where: string, cause: unknown): EviError {
  const external = mechanism === 'EXTERNAL'
  return new EviError(
    'refused',
    `${where} offers no login by ${external ? 'certificate' : 'password'} (${mechanism}).`,
    {
      hint: external
        ? 'Name a user in the socket, or on the broker: rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl, and EXTERNAL among its auth_mechanisms'
        : 'Give a client certificate and no user in the socket, or allow PLAIN among the broker’s auth_mechanisms.',
      cause,
    },
  )
}

function refusedOpening(reply: Reply, { socket, remote }: FailedHandshake, cause: unknown): EviError {
  const { user, vhost } = socket
  const text = sentenceOf(reply)
  const refuse = (message: string, hint?: string) => new EviError('refused', message, { hint, cause })
  if (/vhost .* not found/i.test(text)) {
    return refuse(
      `There is no vhost "${vhost}".`,
      `Name another with vhost= in the socket, or make it: rabbitmqctl add_vhost ${shellWord(vhost)} && ${grantAll(socket)}`,
    )
  }
  if (/access to vhost/i.test(text)) {
    return refuse(
      `The user "${user}" has no permission on the vhost "${vhost}".`,
      `Grant it: ${grantAll(socket)}`,
    )
  }
  if (reply.code !== 403) return refuse(`RabbitMQ refused the connection: ${text}.`)
  const another = `make another user: rabbitmqctl add_user NAME PASSWORD && ${grantAll({ user: 'NAME', vhost })}`
  if (user === defaultUser && remote) {
    return refuse(
      `The login of the user "${user}" was refused: RabbitMQ lets it in from its own machine only.`,
      `For other machines ${another}`,
    )
  }
  return refuse(
    `The login of the user "${user}" was refused.`,
    [
      `Is it the right password? rabbitmqctl authenticate_user ${shellWord(user)}`,
      `If not, store the right one: ${subscribeAgain(socket)} --ask-password`,
      ...(user === defaultUser ? [`A broker in a container lets it in from inside only; ${another}`] : []),
    ].join('\n'),
  )
}
