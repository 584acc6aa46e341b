import type { Stage } from '#lib/broker/broker.ts'
import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import { grantFirst, permitPublishing, userOf } from '#lib/domain/failure/permissions.ts'
import { anotherVhost, onBroker, passwordCommand, rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import { defaultUser, type Host, printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError, PermissionMissing, systemCode } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { connectionForced, messageOf, protocolViolationOf, replyOf } from './amqp-errors.ts'
import { readReply } from './broker-replies.ts'
import { cutBeforeReply, portsHint } from './network-errors.ts'
import { connectionHint } from './reply-errors.ts'
import { quoteReply, replyText } from './reply-text.ts'
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
  /** Whether the broker is on another machine, as far as its address shows. */
  readonly remote: boolean
  /** Bytes of the password that was sent. */
  readonly secretBytes?: number
  /** When the password ends to be valid, in milliseconds since 1970, where it is a JWT that says so. */
  readonly tokenExpiry?: number | undefined
  /** Whether it speaks TLS, where that was tried. */
  readonly speaksTls?: boolean
}

/**
 * Bytes of a password that may be too long: RabbitMQ reads frames of 4096 bytes before the login, of 8192 since 4.1, and the
 * other fields need some of it.
 */
const longSecret = 3500

/** Why a connection that was reached could not be opened. */
export function handshakeError(error: unknown, failed: FailedHandshake): EviError {
  if (error instanceof EviError) return error
  const { host, reply, firstBytes, step, tlsDomain, secretBytes = 0 } = failed
  const where = printAddress(host)
  const closed = reply ?? replyOf(messageOf(error))
  if (closed) return refusedOpening(closed, failed, error)
  if (failed.speaksTls || isTlsAlert(firstBytes)) return tlsExpected(failed, error)
  const mechanism = /^SASL mechanism (\w+) is not provided/.exec(messageOf(error))?.[1]
  if (mechanism) return refusedMechanism(mechanism, where, error)
  const tls = tlsDomain && tlsError(error, host, tlsDomain)
  if (tls) return tls
  const code = systemCode(error) ? ` (${systemCode(error)})` : ''
  if (step === 'amqp' && firstBytes.length === 0) {
    const [message, hint] = cutBeforeReply(host, systemCode(error))
    return new EviError('unreachable', message, { hint, cause: error })
  }
  if (step === 'amqp') {
    return new EviError('unreachable', `${where} does not speak AMQP 0-9-1${code}.`, {
      hint: portsHint,
      cause: error,
    })
  }
  const violation = protocolViolationOf(error)
  if (violation) {
    return new EviError('unreachable', `${where} ended the login: ${violation}.`, {
      hint: portsHint,
      cause: error,
    })
  }
  return new EviError('unreachable', `${where} closed the connection during the login${code}.`, {
    hint:
      secretBytes > longSecret
        ? `The password has ${secretBytes} bytes. RabbitMQ takes a login of 4096 bytes in all, since 4.1 of 8192: use a shorter token, or raise initial_frame_max in the advanced.config of ${where}.`
        : `The log of the broker at ${where} says why.`,
    cause: error,
  })
}

function tlsExpected({ host, socket }: FailedHandshake, cause: unknown): EviError {
  const secured = printSocket({ ...socket, tlsDomain: 'NAME' })
  return new EviError('unreachable', `${printAddress(host)} speaks TLS, and the socket has no tls_domain.`, {
    hint: `Make a domain: evi tls-domain set NAME --ca FILE\nAnd name it in the socket: ${shellWord(secured)}`,
    cause,
  })
}

function refusedMechanism(mechanism: string, where: string, cause: unknown): EviError {
  const external = mechanism === 'EXTERNAL'
  return new EviError(
    'refused',
    `${where} offers no login by ${external ? 'certificate' : 'password'} (${mechanism}).`,
    {
      hint: external
        ? 'Name a user in the socket, or on the broker: rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl, and EXTERNAL among its auth_mechanisms'
        : "Give a client certificate and no user in the socket, or allow PLAIN among the broker's auth_mechanisms.",
      cause,
    },
  )
}

function refusedOpening(
  reply: Reply,
  { host, socket, remote, tokenExpiry }: FailedHandshake,
  cause: unknown,
): EviError {
  const { user, vhost } = socket
  const quote = quoteReply(reply)
  const where = printAddress(host)
  const there = { ...socket, hosts: [host] } as const
  const known = readReply(reply.text)
  const fail = (message: string, hint?: string) =>
    new EviError(known?.code ?? openingCode(reply), message, { hint, transient: known?.transient, cause })
  switch (known?.kind) {
    case 'no-vhost':
      return new PermissionMissing(`There is no vhost "${vhost}". ${quote}`, {
        user: userOf(socket),
        hintFor: (command) =>
          [
            `Make it${onBroker(there)}: ${rabbitmqctl('add_vhost', '/', vhost)} && ${command}`,
            anotherVhost,
          ].join('\n'),
        command: permitPublishing(socket, userOf(socket)),
        cause,
      })
    case 'vhost-refused': {
      const login = known.names.user ?? user
      return new PermissionMissing(
        `The user "${login}" has no permission on the vhost "${vhost}". ${quote}`,
        {
          user: login,
          hintFor: (command) => grantFirst(there, command),
          command: permitPublishing(socket, login),
          cause,
        },
      )
    }
    case 'login-refused':
      return refusedLogin({ host, socket, remote, tokenExpiry }, (message, hint) =>
        fail(`${message} ${quote}`, hint),
      )
    default:
      return fail(
        `${where} closed the connection: ${replyText(reply)}.`,
        connectionHint(known, there) ?? "The broker's log says why.",
      )
  }
}

/** The class of a reply that is not in the table: a refusal, or trouble of the broker's own. */
function openingCode({ code }: Reply): ErrorCode {
  return code === connectionForced || code === internalError ? 'unreachable' : 'refused'
}

/** AMQP 0-9-1, 1.2. */
const internalError = 541

function refusedLogin(
  { host, socket, remote, tokenExpiry }: Pick<FailedHandshake, 'host' | 'socket' | 'remote' | 'tokenExpiry'>,
  fail: (message: string, hint: string) => EviError,
): EviError {
  const { user, vhost } = socket
  const there = onBroker({ hosts: [host] })
  const again = passwordCommand(host, user)
  if (tokenExpiry !== undefined && tokenExpiry < Date.now()) {
    const at = new Date(tokenExpiry).toISOString()
    return fail(
      `The login of the user "${user}" was refused: its token expired at ${at}.`,
      `Store a new token: ${again}`,
    )
  }
  const create = `${rabbitmqctl('add_user', '/', 'NAME', 'PASSWORD')} && ${permitPublishing({ ...socket, vhost }, 'NAME')}`
  if (user === defaultUser && remote) {
    return fail(
      `The login of the user "${user}" was refused: RabbitMQ accepts it only from its own machine.`,
      `For other machines create another user${there}: ${create}`,
    )
  }
  return fail(
    `The login of the user "${user}" was refused.`,
    [
      `Is it the right password? Ask${there}: rabbitmqctl authenticate_user ${shellWord(user)}`,
      `If not, store the right one: ${again}`,
      ...(user === defaultUser
        ? [
            `Or, if the broker runs in a container: by default RabbitMQ accepts "guest" only from inside it. Create another user${there}: ${create}`,
          ]
        : []),
    ].join('\n'),
  )
}
