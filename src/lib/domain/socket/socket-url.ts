import type { EviError } from '#lib/errors.ts'
import { mask, refuseSocket } from './invalid-socket.ts'
import { scheme } from './socket.ts'

/** Where the socket's login and hosts begin; `rabbitmq://` is a socket, too, as far as it says nothing else than one. */
export function authorityStart(text: string): number {
  return text.startsWith(`${scheme}//`) ? scheme.length + 2 : scheme.length
}

/**
 * Refuses the path of a `rabbitmq://` URL that has several parts, of which other programs take the first for the vhost.
 *
 * @param slash where the path begins
 * @throws EviError `usage`
 */
export function refuseLongPath(text: string, slash: number): void {
  if (authorityStart(text) === scheme.length) return
  const path = text.slice(slash + 1).split('?', 1)[0] ?? ''
  const second = path.indexOf('/')
  if (second < 0) return
  throw refuseSocket(text, slash + 1 + second, 'a vhost is written vhost=NAME?, and a "/" in a name %2F')
}

/** The error for an AMQP URL, which names a vhost and no routing key, with the socket that it means; undefined for another text. */
export function refuseAmqpUrl(text: string): EviError | undefined {
  const [, secure, login = '', hosts = '', path = ''] =
    /^amqp(s?):\/\/(?:([^@/]*)@)?([^@/?]*)(?:\/([^?]*))?/i.exec(text) ?? []
  if (secure === undefined) return undefined
  const refusal = (hint: string) => refuseSocket(text, 0, `a socket starts with "${scheme}"`, hint)
  // Anything else may hold a piece of a password that is not escaped.
  const isPlain = hostList.test(hosts) && text.split('@').length === (login === '' ? 1 : 2)
  if (!isPlain) return refusal(`Write it as ${scheme}user:password@host:port/routing_key`)
  const [user = '', password] = login.split(/:(.*)/s)
  const shown = login === '' ? '' : `${user}${password === undefined ? '' : `:${mask}`}@`
  const parameters = [
    ...(secure === '' ? [] : ['tls_domain=NAME']),
    ...(path === '' || path.toLowerCase() === '%2f' ? [] : [`vhost=${path}`]),
  ]
  const route = parameters.length === 0 ? 'ROUTING_KEY' : `${parameters.join(';')}?ROUTING_KEY`
  return refusal(
    `An AMQP URL names no routing key. With one, and an exchange before it if there is one: ${scheme}${shown}${hosts}/${route}`,
  )
}

const hostList = /^(?:(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?(?:,|$))+$/i
