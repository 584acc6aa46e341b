import type { Stage } from '#lib/broker/broker.ts'
import { type Host, printAddress } from '#lib/domain/socket/socket.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/** Every way in which a host is not reached, or says nothing, becomes an error of evi's here, without any password. */

/** A step of connecting that got no answer in time. */
export interface Timeout {
  readonly host: Host
  readonly step: Stage['step']
  readonly milliseconds: number
  /** Addresses that were tried, one after the other. */
  readonly addresses?: number
}

/** The broker did not answer in time while a connection was made. */
export function timeoutError({ host, step, milliseconds, addresses = 1 }: Timeout): EviError {
  const where = printAddress(host)
  const within = `within ${milliseconds} ms`
  const each = addresses > 1 ? ` (${addresses} addresses, ${milliseconds / addresses} ms each)` : ''
  const slow = 'For a slow broker: EVI_TIMEOUT=MS'
  const [message, hint] = {
    name: [
      `The name "${host.host}" was not resolved ${within}.`,
      "Check the name and this machine's resolver (/etc/resolv.conf).",
    ],
    tcp: [
      `${where} does not answer: no TCP connection ${within}${each}.`,
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

/** Why a host could not be reached. @param step the one that failed */
export function connectionError(error: unknown, host: Host, step: Stage['step']): EviError {
  if (error instanceof EviError) return error
  const cause = firstSystemError(error)
  const code = systemCode(cause)
  const closed: [string, string] = [
    `${printAddress(host)} closed the connection${code ? ` (${code})` : ''}.`,
    portsHint,
  ]
  const [message, hint] =
    reasonsOfAddresses(error, host) ??
    systemReason(code, host) ??
    // It may be reset before the system says that it is open.
    (step === 'tcp' && code === 'ECONNRESET' ? cutBeforeReply(host, code) : closed)
  return new EviError('unreachable', message, { hint, cause: error })
}

/** It takes connections, and ends them before it says anything. @param code of the system's error, where there is one */
export function cutBeforeReply(host: Host, code: string | undefined): [message: string, hint: string] {
  const cut = code === undefined ? 'closed it before any reply' : `reset it before any reply (${code})`
  return [
    `${printAddress(host)} accepted the connection and ${cut}.`,
    `A broker that is starting or stopping does so, and a load balancer that finds no broker: try again. Or the port is another service's. ${portsHint}`,
  ]
}

export const portsHint = 'Check the port: 5672 is AMQP, 5671 AMQP over TLS, 15672 the management page.'

function systemReason(code: string | undefined, host: Host): [message: string, hint: string] | undefined {
  const where = printAddress(host)
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return [
        `The host name "${host.host}" does not resolve.`,
        `Check the name and this machine's resolver (/etc/resolv.conf): getent hosts ${shellWord(host.host)}`,
      ]
    case 'ECONNREFUSED':
      return [
        `${where} refuses the connection: nothing listens there.`,
        `Check host and port, and that RabbitMQ runs on ${where}: rabbitmqctl status`,
      ]
    case 'ETIMEDOUT':
      return [`${where} does not answer.`, 'Check host, port and the firewalls between.']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return [`There is no route to ${where}.`, "Check the address and this machine's network."]
    default:
      return undefined
  }
}

/** Of a name whose addresses fail in different ways, what each of them does. */
function reasonsOfAddresses(error: unknown, host: Host): [message: string, hint: string] | undefined {
  if (!(error instanceof AggregateError)) return undefined
  const codes = new Set(error.errors.map(systemCode))
  if (codes.size < 2) return undefined
  const reasons = error.errors.map(
    (one) => systemReason(systemCode(one), { ...host, host: String(one.address) })?.[0] ?? one.message,
  )
  return [
    `${printAddress(host)} cannot be reached. ${reasons.join(' ')}`,
    'Check host, port and the firewalls between.',
  ]
}

/** A name with several addresses fails with an AggregateError of an empty message. */
function firstSystemError(error: unknown): unknown {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error
}
