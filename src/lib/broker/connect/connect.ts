import type { ChannelModel } from 'amqplib'
import type { Host } from '#lib/domain/socket/socket.ts'
import { greet, shakeHands } from './handshake.ts'
import { type ConnectRequest, reach } from './reach.ts'

export interface OpenedHost {
  /** The one that answered. */
  readonly host: Host
  readonly model: ChannelModel
}

/**
 * Reaches one host up to the broker's greeting, and leaves.
 *
 * @throws EviError `unreachable`
 */
export async function reachHost(host: Host, request: ConnectRequest): Promise<void> {
  await greet(await reach(host, request), request)
}

/**
 * Opens an AMQP connection to one host.
 *
 * @throws EviError `unreachable` or `refused`
 */
export async function connectToHost(host: Host, request: ConnectRequest): Promise<OpenedHost> {
  return { host, model: await shakeHands(await reach(host, request), request) }
}
