import type { Duplex } from 'node:stream'
import type { Channel } from 'amqplib'

/** Bytes around each frame's payload: type, channel and size before it, the end mark behind it (AMQP 0-9-1, 2.3.5). */
export const frameHeader = 7
export const frameEnd = 0xce
export const frameOverhead = frameHeader + 1

/** The most bytes of a frame that evi takes, and asks the broker for: what RabbitMQ proposes. */
export const largestFrame = 131_072

/** A message is a frame of each type, or more of the last: the method, the properties, the body. */
export const methodFrame = 1
export const headerFrame = 2
export const bodyFrame = 3
/** Where the body's size stands in a header frame: behind the class and the weight. */
export const sizeInHeader = frameHeader + 4

/** A channel with the parts of amqplib that its types leave out. */
export interface ChannelInside extends Channel {
  readonly ch: number
  /** Requests that wait for their turn; null once the channel is closed. */
  readonly pending: readonly unknown[] | null
  readonly connection: Channel['connection'] & ConnectionInside
  sendMessage(fields: object, properties: { headers?: object | undefined }, content: Buffer): boolean
  pushConfirmCallback(): void
}

interface ConnectionInside extends FrameSource {
  readonly frameMax: number
  /** Channels that the broker allows on the connection. */
  readonly channelMax: number
  readonly stream: Duplex
  /** Takes a frame, decoded; false where no whole one is there. */
  recvFrame: (this: FrameSource) => Frame | false
}

/** What amqplib makes of a frame. */
interface Frame {
  readonly channel: number
  /** Of a header frame: the bytes of the body. */
  readonly size?: number
  /** Of a body frame. */
  readonly content?: Buffer
}

export interface FrameSource {
  /** What was read, and not taken yet. */
  rest: Buffer
  readonly maxFrameSize: number
}

/** Bytes; RabbitMQ's own limit, whatever it is set to, is not above it. */
const largestMessage = 512 * 1024 * 1024
/** Bytes; a broker cuts a message into full frames, which have at least 4096, so only the last may be smaller. */
const smallPiece = 1024

/**
 * Ends a connection whose broker would have amqplib keep more than a message can have: it trusts the size that a broker
 * names, and keeps each piece, however small, until that many bytes are there.
 */
export function guardFrames(connection: Channel['connection']): void {
  const inside = connection as unknown as ConnectionInside
  const { recvFrame } = inside
  /** Channels whose message has had its last piece, by its size. */
  const ended = new Set<number>()
  let last: Frame | undefined
  inside.recvFrame = function () {
    while (true) {
      const frame = recvFrame.call(this)
      // amqplib calls it from within itself once it has read more: the frame was looked at there.
      if (!frame || frame === last) return frame
      last = frame
      const { channel, size, content } = frame
      if (size !== undefined) {
        if (size < 0 || size > largestMessage) throw new Error(`a message of ${size} bytes`)
        ended.delete(channel)
      }
      if (content === undefined) return frame
      // An empty piece adds nothing, but would be kept.
      if (content.length === 0) continue
      if (ended.has(channel)) throw new Error('a message in too many pieces')
      if (content.length < smallPiece) ended.add(channel)
      return frame
    }
  }
}
