import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isIP, type Socket as TcpSocket } from 'node:net'
import { type ChannelModel, connect } from 'amqplib'
import { defaultPassword, type Host, type Socket } from '../domain/socket.ts'
import { EviError } from '../errors.ts'
import { version } from '../version.ts'
import type { Timing } from './broker.ts'
import { connectionError, silence } from './broker-errors.ts'
import { rememberLastWords } from './last-words.ts'

export interface OpenedHost {
  /** The one that answered. */
  readonly host: Host
  readonly model: ChannelModel
}

/** start, tune and open-ok: what the broker replies until a connection is open. */
const handshakeReplies = 3

/**
 * Opens an AMQP connection to one host. The name's look-up and each reply of the handshake may take
 * `replyTimeout`, the TCP connection `connectTimeout`, whichever of its addresses answers.
 *
 * @throws EviError `unreachable` or `refused`
 */
export async function connectToHost(host: Host, socket: Socket, timing: Timing): Promise<OpenedHost> {
  if (socket.tlsDomain !== null) {
    throw new EviError(
      'unreachable',
      `The TLS domain "${socket.tlsDomain}" is not known: evi does not speak TLS yet.`,
      {
        hint: 'Until it does, use a socket without tls_domain and the broker’s plain port.',
      },
    )
  }
  limitLookUp(timing)
  const controller = new AbortController()
  const { opening, tcp } = openWithSocket(host, socket, timing, controller.signal)
  const watch = watchForSilence(tcp, host, timing)
  const lastWords = rememberLastWords(tcp)
  try {
    return { host, model: await Promise.race([opening, watch.silent]) }
  } catch (error) {
    controller.abort()
    // A reply that still comes, too late, has nobody to hear it.
    opening.then((late) => late.close()).catch(() => {})
    throw error instanceof EviError ? error : connectionError(error, lastWords(), host, socket)
  } finally {
    watch.stop()
    lastWords()
  }
}

/** A look-up cannot be cancelled and keeps the process from ending, so glibc's resolver shall give up when evi does. */
function limitLookUp({ replyTimeout }: Timing): void {
  const attempts = 2
  const seconds = Math.max(1, Math.floor(replyTimeout / 1000 / attempts))
  process.env.RES_OPTIONS ??= `timeout:${seconds} attempts:${attempts}`
}

/** amqplib makes the TCP socket itself, within this call; Node's own channel tells which one it is. */
function openWithSocket(
  { host, port }: Host,
  { user, password, vhost }: Socket,
  { heartbeat }: Timing,
  signal: AbortSignal,
): { opening: Promise<ChannelModel>; tcp: TcpSocket | undefined } {
  let tcp: TcpSocket | undefined
  const capture = (message: unknown) => {
    tcp = (message as { socket: TcpSocket }).socket
  }
  const login = { username: user, password: (password ?? defaultPassword) as string }
  const options = {
    // Without it, Nagle's algorithm adds 40 ms to each exchange of the handshake.
    noDelay: true,
    clientProperties: { product: 'evi', version, connection_name: `evi ${process.pid}` },
    // Goes through amqplib to Node's socket.
    signal,
  }
  subscribe('net.client.socket', capture)
  try {
    // amqplib unescapes a vhost in the options object too.
    const opening = connect(
      { hostname: host, port, ...login, vhost: encodeURIComponent(vhost), heartbeat },
      options,
    )
    return { opening, tcp }
  } finally {
    unsubscribe('net.client.socket', capture)
  }
}

interface SilenceWatch {
  /** Rejects when the broker has been silent for too long. */
  readonly silent: Promise<never>
  readonly stop: () => void
}

function watchForSilence(tcp: TcpSocket | undefined, host: Host, timing: Timing): SilenceWatch {
  const { promise: silent, reject } = Promise.withResolvers<never>()
  const { connectTimeout, replyTimeout } = timing
  let timer: NodeJS.Timeout | undefined
  const limit = (milliseconds: number, step: Parameters<typeof silence>[1]) => {
    clearTimeout(timer)
    timer = setTimeout(() => reject(silence(host, step, milliseconds)), milliseconds)
  }
  const looksUp = isIP(host.host) === 0
  limit(looksUp ? replyTimeout : connectTimeout, looksUp ? 'name' : 'connection')
  tcp?.once('lookup', () => limit(connectTimeout, 'connection'))
  tcp?.once('connect', () => {
    limit(replyTimeout * handshakeReplies, 'greeting')
    tcp.setTimeout(replyTimeout, () => reject(silence(host, 'greeting', replyTimeout)))
  })
  const stop = () => {
    clearTimeout(timer)
    tcp?.setTimeout(0)
  }
  return { silent, stop }
}
