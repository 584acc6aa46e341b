import type { Options } from 'amqplib'
import { type ChannelInside, recordPublish } from '#lib/broker/wire/amqplib-internals.ts'
import {
  bodyFrame,
  frameEnd,
  frameHeader,
  frameOverhead,
  methodFrame,
  sizeInHeader,
} from '#lib/broker/wire/frame.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** `basic.publish`: class 60, method 40 (AMQP 0-9-1, 1.8.3). */
const basicPublish = 0x3c_0028
const mandatory = 1

/**
 * The properties of messages as a header frame, made by amqplib; its channel and size are filled in for each message.
 *
 * @throws Error for properties that cannot be encoded
 */
export function headerFrameOf(channel: ChannelInside, properties: Options.Publish): Buffer {
  const frames = recordPublish(channel, (recorder) => recorder.publish('', '', empty, properties))
  const header = Buffer.from(frames.subarray(frameOverhead + frames.readUInt32BE(3)))
  const { frameMax } = channel.connection
  if (header.length > frameMax) throw new RangeError(`more than the ${frameMax} bytes of a frame`)
  return header
}

/**
 * The frames of messages that differ in their bodies and channels only. amqplib makes buffers and a write of its own for
 * each message, which costs half of a stream's speed.
 */
export class MessageEncoder {
  readonly #start: Buffer
  readonly #headerAt: number
  readonly #largestBody: number

  /** @param frameMax the most bytes of a frame */
  constructor({ exchange, routingKey }: Socket, header: Buffer, frameMax: number) {
    const method = publishFrame(exchange, routingKey)
    this.#start = Buffer.concat([method, header])
    this.#headerAt = method.length
    this.#largestBody = frameMax - frameOverhead
  }

  /** The bytes that a message with a body of so many bytes takes. */
  lengthOf(body: number): number {
    return this.#start.length + body + Math.ceil(body / this.#largestBody) * frameOverhead
  }

  /** Writes a message for a channel into the buffer, which must have room for it. Returns where it ends. */
  write(channel: number, body: Buffer, target: Buffer, offset: number): number {
    target.set(this.#start, offset)
    target.writeUInt16BE(channel, offset + 1)
    const header = offset + this.#headerAt
    target.writeUInt16BE(channel, header + 1)
    target.writeUInt32BE(body.length, header + sizeInHeader + 4)
    let at = offset + this.#start.length
    for (let from = 0; from < body.length; from += this.#largestBody) {
      const piece = body.length <= this.#largestBody ? body : body.subarray(from, from + this.#largestBody)
      target[at] = bodyFrame
      target.writeUInt16BE(channel, at + 1)
      target.writeUInt32BE(piece.length, at + 3)
      target.set(piece, at + frameHeader)
      at += frameHeader + piece.length
      target[at++] = frameEnd
    }
    return at
  }
}

const empty = Buffer.alloc(0)

function publishFrame(exchange: string, routingKey: string): Buffer {
  const names = [exchange, routingKey].map((name) => Buffer.from(name))
  const length = 4 + 2 + names.reduce((sum, name) => sum + 1 + name.length, 0) + 1
  const frame = Buffer.alloc(frameOverhead + length)
  frame[0] = methodFrame
  frame.writeUInt32BE(length, 3)
  frame.writeUInt32BE(basicPublish, frameHeader)
  // A reserved number of two bytes stands before the names.
  let at = frameHeader + 4 + 2
  for (const name of names) {
    frame[at] = name.length
    frame.set(name, at + 1)
    at += 1 + name.length
  }
  frame[at] = mandatory
  frame[at + 1] = frameEnd
  return frame
}
