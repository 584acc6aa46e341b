import type { ChannelModel } from 'amqplib'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import { greet, shakeHands } from './handshake.ts'
import { type ConnectRequest, reach } from './reach.ts'

export interface OpenedHost {
  /** The one that answered. */
  readonly host: Host
  readonly model: ChannelModel
  /** What was asked for, at that host alone. */
  readonly socket: Socket
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
  const model = await shakeHands(await reach(host, request), request)
  return { host, model, socket: { ...request.socket, hosts: [host] } }
}
