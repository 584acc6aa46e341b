import { grantAll, subscribeAgain } from '../domain/remedies.ts'
import { shellWord } from '../domain/shell-word.ts'
import { defaultUser, type Host, printAddress, type Socket } from '../domain/socket.ts'
import type { TlsDomain } from '../domain/tls-domain.ts'
import { EviError, systemCode } from '../errors.ts'
import type { Stage } from './broker.ts'
import { breachOf, connectionForced, messageOf, replyOf, sentenceOf } from './broker-errors.ts'
import type { Reply } from './handshake-words.ts'
import { isTlsAlert, tlsError } from './tls-errors.ts'

/** Every way in which a connection cannot be opened becomes one of evi's errors here; no password can be part of it. */

/** A step of connecting that got no answer in time. */
export interface Silence {
  readonly host: Host
  readonly step: Stage['step']
  readonly milliseconds: number
}

/** The broker did not answer in time while a connection was made. */
export function silence({ host, step, milliseconds }: Silence): EviError {
  const where = printAddress(host)
  const within = `within ${milliseconds} ms`
  const slow = 'For a slow broker: EVI_TIMEOUT=MS'
  const [message, hint] = {
    name: [
      `The name "${host.host}" was not resolved ${within}.`,
      'Check the name and this machine’s resolver (/etc/resolv.conf).',
    ],
    tcp: [
      `${where} does not answer: no TCP connection ${within}.`,
      'Check host, port and the firewalls between; for a slow network: --connect-timeout MS',
    ],
    tls: [
      `${where} accepts the connection but gave no TLS reply ${within}.`,
      `Check the port: 5671 is AMQP over TLS. ${slow}`,
    ],
    amqp: [`${where} accepts the connection but gave no AMQP reply ${within}.`, `${portsHint} ${slow}`],
    login: [`${where} did not answer the login ${within}.`, slow],
    vhost: [`${where} took the login but did not open the vhost ${within}.`, slow],
  }[step] as [string, string]
  return new EviError('unreachable', message, { hint })
}

/** Why a host could not be reached. */
export function connectionError(error: unknown, host: Host): EviError {
  if (error instanceof EviError) return error
  const cause = firstSystemError(error)
  const code = systemCode(cause)
  const [message, hint] = systemReason(code, host) ?? [
    `${printAddress(host)} closed the connection${code ? ` (${code})` : ''}.`,
    portsHint,
  ]
  return new EviError('unreachable', message, { hint, cause: error })
}

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

const portsHint = 'Check the port: 5672 is AMQP, 5671 AMQP over TLS, 15672 the management page.'

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

function systemReason(code: string | undefined, host: Host): [message: string, hint: string] | undefined {
  const where = printAddress(host)
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return [
        `The host name "${host.host}" does not resolve.`,
        `Check the name and this machine’s resolver (/etc/resolv.conf): getent hosts ${shellWord(host.host)}`,
      ]
    case 'ECONNREFUSED':
      return [
        `${where} refuses the connection: nothing listens there.`,
        'Check host and port, and that RabbitMQ runs: rabbitmqctl status',
      ]
    case 'ETIMEDOUT':
      return [`${where} does not answer.`, 'Check host, port and the firewalls between.']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return [`There is no route to ${where}.`, 'Check the address and this machine’s network.']
    default:
      return undefined
  }
}

/** A name with several addresses fails with an AggregateError of an empty message. */
function firstSystemError(error: unknown): unknown {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error
}
