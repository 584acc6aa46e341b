import type { Duplex } from 'node:stream'
import type { Channel } from 'amqplib'

/** Bytes around each frame's payload: type, channel and size before it, the end mark behind it (AMQP 0-9-1, 2.3.5). */
export const frameHeader = 7
export const frameEnd = 0xce
export const frameOverhead = frameHeader + 1

/** A message is a frame of each type, or more of the last: the method, the properties, the body. */
export const methodFrame = 1
export const headerFrame = 2
export const bodyFrame = 3
/** Where the body's size stands in a header frame: behind the class and the weight. */
export const sizeInHeader = frameHeader + 4

/** A channel with the parts of amqplib that its types leave out. */
export interface ChannelInside extends Channel {
  readonly ch: number
  readonly connection: Channel['connection'] & ConnectionInside
  sendMessage(fields: object, properties: { headers?: object | undefined }, content: Buffer): boolean
  pushConfirmCallback(): void
}

export interface ConnectionInside extends FrameSource {
  readonly frameMax: number
  readonly stream: Duplex
  /** Takes a frame, decoded; false where no whole one is there. */
  recvFrame: (this: FrameSource) => object | false
}

export interface FrameSource {
  /** What was read, and not taken yet. */
  rest: Buffer
  readonly maxFrameSize: number
}
