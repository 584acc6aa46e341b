import { EviError } from '../errors.ts'
import { printAddress, type Socket } from './socket.ts'

/** Reads the address of a management API; its login may be part of it, and is never shown. @throws EviError `usage` */
export function readManagementUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && isDecodable(url.username + url.password)) return url
  throw new EviError('usage', '--management is not the address of a management API.', {
    hint: 'Write it as http://HOST:15672 or https://USER:PASSWORD@HOST:15671',
  })
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/**
 * Which management API knows a socket's broker: the one on a host of its, or, where all sockets lead to one broker,
 * the only one there is.
 */
export function chooseManagement(
  urls: readonly URL[],
  sockets: readonly Socket[],
): (socket: Socket) => URL | undefined {
  const brokers = new Set(sockets.map(({ hosts }) => hosts.map(printAddress).join()))
  const only = brokers.size === 1 && urls.length === 1 ? urls[0] : undefined
  return ({ hosts }) =>
    only ?? urls.find((url) => hosts.some(({ host }) => bare(url.hostname) === host.toLowerCase()))
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
