import type { Socket as TcpSocket } from 'node:net'

/** Why the broker closed a connection or channel: AMQP's reply code and RabbitMQ's text. */
export interface Reply {
  readonly code: number
  readonly text: string
}

/** The broker's methods while a connection is opened, by class and method (AMQP 0-9-1, 1.4). */
const methods: Readonly<Record<string, HandshakeWord>> = {
  '10.10': 'start',
  '10.30': 'tune',
  '10.41': 'open-ok',
  '10.50': 'close',
}

export type HandshakeWord = 'start' | 'tune' | 'open-ok' | 'close'

export interface HandshakeWatch {
  /** The first bytes that came, whatever they are. */
  firstBytes(): Buffer
  /** What the broker said when it closed the connection instead of opening it. */
  closing(): Reply | undefined
  stop(): void
}

/**
 * Listens in on what amqplib reads while it opens a connection, as amqplib reports neither how far it got nor why the
 * broker closed: `heard` is called for each word of the broker's.
 */
export function watchHandshake(stream: TcpSocket, heard: (word: HandshakeWord) => void): HandshakeWatch {
  const read = stream.read.bind(stream)
  let received = Buffer.alloc(0)
  let walked = 0
  let reply: Reply | undefined
  stream.read = (size) => {
    const chunk: Buffer | null = read(size)
    if (chunk === null) return chunk
    received = Buffer.concat([received, chunk])
    for (let frame = frameAt(received, walked); frame; frame = frameAt(received, walked)) {
      walked += frame.length
      const word = wordOf(frame)
      if (word === 'close') reply = replyIn(frame)
      if (word !== undefined) heard(word)
    }
    if (received.length > longestHandshake) stream.read = read
    return chunk
  }
  return {
    firstBytes: () => received,
    closing: () => reply,
    stop: () => {
      stream.read = read
    },
  }
}

/** Bytes. RabbitMQ's handshake takes some hundred; what is longer is none. */
const longestHandshake = 65_536
const frameHeader = 7
const frameEnd = 1

/** Type, channel, size, payload, end (AMQP 0-9-1, 2.3.5); undefined while it is not there as a whole. */
function frameAt(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length < at + frameHeader) return undefined
  const end = at + frameHeader + bytes.readUInt32BE(at + 3) + frameEnd
  return bytes.length < end ? undefined : bytes.subarray(at, end)
}

function wordOf(frame: Buffer): HandshakeWord | undefined {
  const isMethod = frame.length > frameHeader + 4 && frame[0] === 1
  return isMethod
    ? methods[`${frame.readUInt16BE(frameHeader)}.${frame.readUInt16BE(frameHeader + 2)}`]
    : undefined
}

/** `connection.close`: the reply code and a short string; undefined where the frame has no room for them. */
function replyIn(frame: Buffer): Reply | undefined {
  const length = frame[13] ?? 0
  if (frame.length < 14 + length) return undefined
  return { code: frame.readUInt16BE(11), text: frame.toString('utf8', 14, 14 + length) }
}
