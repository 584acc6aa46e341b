import type { Host, Socket } from '../domain/socket.ts'
import { EviError, systemCode } from '../errors.ts'
import type { PublishFailure } from './broker.ts'
import type { Reply } from './last-words.ts'

/** Every error of amqplib or Node about a broker becomes one of evi's here; no password can be part of it. */

/** The broker did not answer in time while a connection was made. */
export function silence(
  host: Host,
  step: 'name' | 'connection' | 'greeting',
  milliseconds: number,
): EviError {
  const where = address(host)
  const messages = {
    name: `The name "${host.host}" was not resolved within ${milliseconds} ms.`,
    connection: `${where} does not answer: no TCP connection within ${milliseconds} ms.`,
    greeting: `${where} accepts the connection but gave no AMQP reply within ${milliseconds} ms.`,
  }
  const hints = {
    name: 'Check the name and this machine’s resolver (/etc/resolv.conf).',
    connection: 'Check host, port and the firewalls between; for a slow network: --connect-timeout MS',
    greeting:
      'Check the port: 5672 is AMQP, 5671 AMQP over TLS, 15672 the management page. For a slow broker: EVI_TIMEOUT=MS',
  }
  return new EviError('unreachable', messages[step], { hint: hints[step] })
}

/** Why a connection could not be opened. */
export function connectionError(
  error: unknown,
  lastWords: Reply | undefined,
  host: Host,
  socket: Socket,
): EviError {
  const reply = lastWords ?? replyOf(messageOf(error))
  if (reply) return refusedOpening(reply, socket, error)
  const cause = firstSystemError(error)
  const code = systemCode(cause)
  const [message, hint] = systemReason(code, host) ?? [
    `${address(host)} does not speak AMQP 0-9-1${code ? ` (${code})` : ''}.`,
    'Check the port: 5672 is AMQP, 5671 AMQP over TLS, 15672 the management page.',
  ]
  return new EviError('unreachable', message, { hint, cause: error })
}

/** Why an open connection ended. */
export function lossError(error: unknown, host: Host): EviError {
  const reply = replyOf(messageOf(error))
  const reason = reply ? sentenceOf(reply) : (systemCode(error) ?? messageOf(error))
  return new EviError('unreachable', `The connection to ${address(host)} was lost: ${reason}.`, {
    cause: error,
  })
}

/** Why the broker closed a channel, in evi's codes. */
export function channelError(error: unknown, { exchange, vhost, user }: Socket): EviError {
  const reply = replyOf(messageOf(error))
  if (!reply) return lostMeanwhile(error)
  const message = `RabbitMQ refused: ${sentenceOf(reply)}.`
  if (reply.code === 403) {
    const hint = `Grant it: rabbitmqctl set_permissions -p ${vhost} ${user} '.*' '.*' '.*'`
    return new EviError('refused', message, { hint, cause: error })
  }
  if (reply.code !== 404) return new EviError('precondition', message, { cause: error })
  const hint = `Mend the exchange's name, or declare it; those there are: rabbitmqctl list_exchanges -p ${vhost}`
  return new EviError('no-exchange', `There is no exchange "${exchange}" in the vhost "${vhost}".`, {
    hint,
    cause: error,
  })
}

/** The connection went while an answer was waited for. */
export function lostMeanwhile(error: unknown): EviError {
  return new EviError('unreachable', `The connection was lost: ${messageOf(error)}.`, { cause: error })
}

/** What a closed channel means for the message that was published on it. */
export function closedChannelOutcome(error: unknown, socket: Socket): PublishFailure {
  const { code, message: reason, hint } = channelError(error, socket)
  const statuses = { refused: 'refused', 'no-exchange': 'no-exchange', precondition: 'rejected' } as const
  const status = code in statuses ? statuses[code as keyof typeof statuses] : 'unreachable'
  return { status, code, reason, hint }
}

/** amqplib puts the broker's reply into its message, as `404 (NOT-FOUND) with message "NOT_FOUND - no queue …"`. */
export function replyOf(message: string): Reply | undefined {
  const match = /(\d{3}) \([A-Z-]+\) with message "(.*)"/s.exec(message)
  return match ? { code: Number(match[1]), text: match[2] ?? '' } : undefined
}

/** RabbitMQ's text without the name of its code: `NOT_FOUND - no queue 'q' in vhost '/'`. */
export function sentenceOf({ text }: Reply): string {
  return text.replace(/^[A-Z_]+ - /, '').trim()
}

function refusedOpening(reply: Reply, { user, vhost, hosts }: Socket, cause: unknown): EviError {
  const text = sentenceOf(reply)
  const place = JSON.stringify(vhost)
  if (/vhost .* not found/i.test(text)) {
    return new EviError('refused', `There is no vhost ${place}.`, {
      hint: `Name another with vhost= in the socket, or make it: rabbitmqctl add_vhost ${place}`,
      cause,
    })
  }
  if (/access to vhost/i.test(text)) {
    return new EviError('refused', `The user "${user}" has no permission on the vhost ${place}.`, {
      hint: `rabbitmqctl set_permissions -p ${place} ${user} '.*' '.*' '.*'`,
      cause,
    })
  }
  if (reply.code === 403) {
    const remoteGuest = user === 'guest' && hosts.some(({ host }) => !/^(?:localhost|127\.|::1$)/.test(host))
    return new EviError('refused', `The login of the user "${user}" was refused.`, {
      hint: remoteGuest
        ? 'RabbitMQ lets the user guest in from its own machine only; make a user: rabbitmqctl add_user NAME'
        : `Check the password; subscribing again with the right one replaces it. On the broker: rabbitmqctl authenticate_user ${user}`,
      cause,
    })
  }
  return new EviError('refused', `RabbitMQ refused the connection: ${text}.`, { cause })
}

function systemReason(code: string | undefined, host: Host): [message: string, hint: string] | undefined {
  const where = address(host)
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return [
        `The host name "${host.host}" does not resolve.`,
        'Check the name and this machine’s resolver (/etc/resolv.conf).',
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

function address({ host, port }: Host): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
