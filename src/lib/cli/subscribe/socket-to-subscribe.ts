import { givenPassword } from '#lib/cli/flags/shared/socket.ts'
import type { SubscribeFlags } from '#lib/cli/flags/subscribe.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import { EviError } from '#lib/errors.ts'

/**
 * The socket that is given, as an argument or by parts, with the password of the flags.
 *
 * @throws EviError `usage`, `data`, `no-input`
 */
export async function socketToSubscribe(text: string | undefined, flags: SubscribeFlags): Promise<Socket> {
  if (text !== undefined && isByParts(flags))
    throw new EviError('usage', 'The socket is given twice: as an argument and by parts.')
  if (text === undefined && !isByParts(flags)) throw new EviError('usage', 'The socket is missing.', { hint })
  const socket = text === undefined ? socketFromParts(partsOf(flags)) : parseSocket(text)
  return { ...socket, password: (await givenPassword(flags)) ?? socket.password }
}

const hint =
  'Give it as an argument, such as rabbitmq:user@host:5672/routing_key, or by parts: --host HOST --routing-key KEY'

/** Whether a part of the socket is given. */
export function isByParts(flags: SubscribeFlags): boolean {
  const { hosts, persistent, ...parts } = partsOf(flags)
  return flags.host !== undefined || persistent || Object.values(parts).some((value) => value !== undefined)
}

/** Whether neither the socket nor a part of it is given. */
export function isOpen(text: string | undefined, flags: SubscribeFlags): boolean {
  return text === undefined && Object.keys(flags).every((flag) => ['expire', 'context'].includes(flag))
}

function partsOf(flags: SubscribeFlags) {
  const { host: hosts = [], 'routing-key': routingKey, 'tls-domain': tlsDomain } = flags
  const { port, user, vhost, exchange, persistent } = flags
  return { hosts, port, user, vhost, exchange, routingKey, tlsDomain, persistent }
}
