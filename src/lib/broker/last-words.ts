import type { Socket as TcpSocket } from 'node:net'

/** Why the broker closed a connection or channel: AMQP's reply code and RabbitMQ's text. */
export interface Reply {
  readonly code: number
  readonly text: string
}

/**
 * amqplib tells that the broker closed a connection instead of opening it, but not why. This listens in on what it
 * reads, and finds the `connection.close` in it: a method frame (1) on channel 0 of class 10, method 50, with a reply
 * code and a short string (AMQP 0-9-1, 1.4.2.10).
 */
export function rememberLastWords(tcp: TcpSocket | undefined): () => Reply | undefined {
  if (tcp === undefined) return () => undefined
  const read = tcp.read.bind(tcp)
  let last: Buffer | undefined
  tcp.read = (size) => {
    const chunk: Buffer | null = read(size)
    if (chunk !== null) last = chunk
    return chunk
  }
  return () => {
    tcp.read = read
    return last && closeReply(last)
  }
}

const methodFrameOnChannel0 = Buffer.from([1, 0, 0])
const connectionClose = Buffer.from([0, 10, 0, 50])

function closeReply(chunk: Buffer): Reply | undefined {
  const isClose =
    chunk.length > 14 &&
    chunk.subarray(0, 3).equals(methodFrameOnChannel0) &&
    chunk.subarray(7, 11).equals(connectionClose)
  if (!isClose) return undefined
  const length = chunk.readUInt8(13)
  return { code: chunk.readUInt16BE(11), text: chunk.subarray(14, 14 + length).toString() }
}
