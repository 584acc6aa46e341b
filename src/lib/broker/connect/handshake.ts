import net, { type Socket as TcpSocket } from 'node:net'
import { type ChannelModel, connect, credentials } from 'amqplib'
import { largestFrame } from '#lib/broker/wire/frame.ts'
import { version } from '#lib/version.ts'
import { HandshakeProgress, mechanismOf } from './handshake-progress.ts'
import type { ConnectRequest, Reached } from './reach.ts'

const protocolHeader = 'AMQP\x00\x00\x09\x01'

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
  stream.write(protocolHeader, 'latin1')
  await progress.until(Promise.race([progress.greeted, ended]))
  stream.on('error', () => {}).destroy()
}

/** Opens an AMQP connection; each reply may take `replyTimeout`. @throws EviError `unreachable` or `refused` */
export async function shakeHands(reached: Reached, request: ConnectRequest): Promise<ChannelModel> {
  const progress = new HandshakeProgress(reached, request)
  return await progress.until(openOver(reached.stream, request))
}

/** For any name amqplib would ask whether it is an IPv6 address, whose pattern takes Node 4 ms to compile. */
const notDialled = '127.0.0.1'

/** amqplib would wait for the rest of a frame of 64 MB; its types do not know of it. */
const unnamed: object = { maxFrameSize: largestFrame }

/**
 * Has amqplib open a connection over a stream that is connected already. It always dials by itself, so for the length
 * of this call `net.connect` hands it the stream.
 */
function openOver(stream: TcpSocket, request: ConnectRequest): Promise<ChannelModel> {
  const { socket, timing } = request
  const { password } = request.credentials
  const external = mechanismOf(request) === 'EXTERNAL'
  const dial = net.connect
  const lend = (_options: unknown, connected: () => void) => {
    process.nextTick(connected)
    return stream
  }
  net.connect = lend as typeof dial
  try {
    return connect(
      // amqplib unescapes a vhost in the options object too.
      {
        hostname: notDialled,
        vhost: encodeURIComponent(socket.vhost),
        heartbeat: timing.heartbeat,
        frameMax: largestFrame,
        ...unnamed,
      },
      {
        noDelay: true,
        clientProperties: { product: 'evi', version, connection_name: `evi ${process.pid}` },
        credentials: external ? credentials.external() : credentials.plain(socket.user, password),
      },
    )
  } finally {
    net.connect = dial
  }
}
