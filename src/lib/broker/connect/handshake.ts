import type { Socket as TcpSocket } from 'node:net'
import { type ChannelModel, credentials } from 'amqplib'
import { connectOver } from '#lib/broker/wire/amqplib-internals.ts'
import { largestFrame } from '#lib/broker/wire/frame.ts'
import { version } from '#lib/version.ts'
import { HandshakeProgress, mechanismOf } from './handshake-progress.ts'
import type { ConnectRequest, Reached } from './reach.ts'

/** Waits for the broker's greeting, and leaves. @throws EviError `unreachable` */
export async function greet(reached: Reached, request: ConnectRequest): Promise<void> {
  const { stream } = reached
  const progress = new HandshakeProgress(reached, request)
  const { promise: ended, reject } = Promise.withResolvers<never>()
  stream.once('error', reject).once('end', () => reject(new Error('The connection ended.')))
  stream.on('readable', () => {
    while (stream.read() !== null) {
      // The progress listens in.
    }
  })
  await progress.until(() => Promise.race([progress.greeted, ended]))
  stream.destroy()
}

/** Opens an AMQP connection; each reply may take `replyTimeout`. @throws EviError `unreachable` or `refused` */
export async function shakeHands(reached: Reached, request: ConnectRequest): Promise<ChannelModel> {
  const progress = new HandshakeProgress(reached, request)
  return await progress.until(() => openOver(reached.stream, request))
}

function openOver(stream: TcpSocket, request: ConnectRequest): Promise<ChannelModel> {
  const { socket, timing } = request
  const { password } = request.credentials
  const external = mechanismOf(request) === 'EXTERNAL'
  return connectOver(
    stream,
    {
      // amqplib unescapes a vhost in the options object too.
      vhost: encodeURIComponent(socket.vhost),
      heartbeat: timing.heartbeat,
      frameMax: largestFrame,
      maxFrameSize: largestFrame,
    },
    {
      noDelay: true,
      clientProperties: { product: 'evi', version, connection_name: `evi ${process.pid}` },
      credentials: external ? credentials.external() : credentials.plain(socket.user, password),
    },
  )
}
