import net, { type Socket as TcpSocket } from 'node:net'
import { type Channel, type ChannelModel, connect, type Options } from 'amqplib'

// What amqplib keeps private and evi needs, and why. test/unit/broker/wire/amqplib-internals.test.ts fails in a sentence
// where an update of amqplib changes it.

/** A channel with the parts of amqplib that its types leave out. */
export interface ChannelInside extends Channel {
  /** Its number, for the frames that evi writes and reads by itself. */
  readonly ch: number
  /** Requests that wait for their turn; null once the channel is closed, which amqplib does not say otherwise. */
  readonly pending: readonly unknown[] | null
  readonly connection: Channel['connection'] & ConnectionInside
  /** Called by `publish`; evi has it leave out an empty table of headers. */
  sendMessage(fields: object, properties: { headers?: object | undefined }, content: Buffer): boolean
  /** Called by `publish`; evi counts confirms by itself. */
  pushConfirmCallback(): void
  /** Sends any request, as amqplib speaks transactions, but has no function for them. */
  rpc(method: number, fields: object, answer: number): Promise<unknown>
}

export interface ConnectionInside extends FrameSource {
  /** Bytes of a frame, as negotiated. */
  readonly frameMax: number
  /** Channels on the connection, as negotiated; 0 is no limit. */
  readonly channelMax: number
  /** Where its bytes come from and go to: evi writes frames, sees congestion and ends what is of no use. */
  readonly stream: TcpSocket
  /** Takes a frame, decoded; false where no whole one is there. Replaced to look at frames before amqplib does. */
  recvFrame: (this: FrameSource) => Frame | false
}

/** What amqplib reads frames from. */
export interface FrameSource {
  /** What was read, and not taken yet. */
  rest: Buffer
  readonly maxFrameSize: number
}

/** What amqplib makes of a frame. */
export interface Frame {
  readonly channel: number
  /** Of a method or header frame. */
  readonly fields?: object
  /** Of a header frame: the bytes of the body. */
  readonly size?: number
  /** Of a body frame. */
  readonly content?: Buffer
}

/** The parts of a connection that its types leave out. */
export function insideOf({ connection }: Pick<ChannelModel, 'connection'>): ConnectionInside {
  return connection as unknown as ConnectionInside
}

/** amqplib drops its queue of requests when a channel is closed, and emits `close` once. */
export function isClosed(channel: Channel): boolean {
  return (channel as ChannelInside).pending === null
}

/** For any name amqplib would ask whether it is an IPv6 address, whose pattern takes Node 4 ms to compile. */
const notDialled = '127.0.0.1'

/**
 * Has amqplib open a connection over a stream that is connected already, and on which the protocol's header was sent. It
 * always dials by itself, so for the length of this call `net.connect` hands it the stream, whose first write is the header.
 *
 * @param options.maxFrameSize the most bytes of a frame: amqplib would wait for the rest of one of 64 MB
 */
export function connectOver(
  stream: TcpSocket,
  options: Omit<Options.Connect, 'hostname'> & { readonly maxFrameSize: number },
  socketOptions: object,
): Promise<ChannelModel> {
  const dial = net.connect
  const lend = (_options: unknown, connected: () => void) => {
    const { write } = stream
    stream.write = () => {
      stream.write = write
      return true
    }
    process.nextTick(connected)
    return stream
  }
  net.connect = lend as typeof dial
  try {
    return connect({ hostname: notDialled, ...options }, socketOptions)
  } finally {
    net.connect = dial
  }
}

/** The properties of a message, decoded from the bytes of its header frame. @throws Error for a broken frame */
export function decodeHeader(recvFrame: ConnectionInside['recvFrame'], header: Buffer): object {
  return (recvFrame.call({ rest: header, maxFrameSize: 0 }) as Frame).fields as object
}

/** The bytes that amqplib would send for what `publish` does on a channel. */
export function recordPublish(channel: ChannelInside, publish: (recorder: ChannelInside) => void): Buffer {
  const frames: Buffer[] = []
  const buffer = { write: (frame: Buffer) => frames.push(frame) }
  const recorder = Object.assign(Object.create(channel), {
    connection: Object.assign(Object.create(channel.connection), { channels: { [channel.ch]: { buffer } } }),
    pushConfirmCallback: () => {},
    sendMessage: (fields, properties, content) => {
      // amqplib sends an empty headers table with each message; OpenSIPS sends no property at all.
      const headers = isEmpty(properties.headers) ? undefined : properties.headers
      return channel.sendMessage.call(recorder, fields, { ...properties, headers }, content)
    },
  } satisfies Partial<ChannelInside>) as ChannelInside
  publish(recorder)
  return Buffer.concat(frames)
}

/** amqplib puts the headers that were asked for on the prototype. */
function isEmpty(headers: object | undefined): boolean {
  for (const _ in headers) return false
  return true
}
