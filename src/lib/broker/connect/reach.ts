import type { Socket as TcpSocket } from 'node:net'
import type { Stage, Timing } from '#lib/broker/broker.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { type Observe, openTransport, step } from './dial.ts'

/** What a socket's login and TLS domain stand for. */
export interface Credentials {
  readonly password: string
  readonly tlsDomain: TlsDomain | undefined
}

export interface ConnectRequest {
  readonly socket: Socket
  readonly credentials: Credentials
  readonly timing: Timing
  readonly observe: Observe
}

/** A stream over which the broker was asked to speak AMQP. */
export interface Reached {
  readonly host: Host
  readonly stream: TcpSocket
  /** When it was asked, as `performance.now()` has it. */
  readonly asked: number
  /** TLS is open, which is reported once the broker speaks: only then has it taken our certificate (RFC 8446, 4.4.2.4). */
  readonly secured: Stage | undefined
}

/** Opens TCP, then TLS where the socket names a domain, and asks for AMQP. @throws EviError `unreachable` */
export async function reach(host: Host, request: ConnectRequest): Promise<Reached> {
  const { stream, secured } = await openStream(host, request)
  // The handshake, which is loaded while the broker answers, looks whether there was an error.
  stream.on('error', () => {}).write(protocolHeader, 'latin1')
  return { host, stream, secured, asked: performance.now() }
}

/** AMQP 0-9-1, 4.2.2. */
const protocolHeader = 'AMQP\x00\x00\x09\x01'

async function openStream(
  host: Host,
  { credentials, timing, observe }: ConnectRequest,
): Promise<Pick<Reached, 'stream' | 'secured'>> {
  const { tlsDomain: domain } = credentials
  const tcp = await openTransport(host, timing, observe)
  if (domain === undefined) return { stream: tcp, secured: undefined }
  const { secure } = await import('./tls.ts')
  let secured: Stage | undefined
  const keep = (stage: Stage) => {
    if (stage.failure) observe(stage)
    secured = stage
  }
  const { stream } = await step(
    { host, step: 'tls', observe: keep, facts: ({ facts }) => ({ tls: facts }) },
    () => secure(tcp, { host, domain, replyTimeout: timing.replyTimeout }),
  )
  return { stream, secured }
}
