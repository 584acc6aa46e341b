import type { ChannelModel } from 'amqplib'
import { type Frame, insideOf } from './amqplib-internals.ts'

/** Bytes; RabbitMQ's own limit, whatever it is set to, is not above it. */
const largestMessage = 512 * 1024 * 1024
/** Bytes; a broker cuts a message into full frames, which have at least 4096, so only the last may be smaller. */
const smallPiece = 1024

/**
 * Ends a connection whose broker would have amqplib keep more than a message can have: it trusts the size that a broker
 * names, and keeps each piece, however small, until that many bytes are there.
 */
export function guardFrames(model: Pick<ChannelModel, 'connection'>): void {
  const inside = insideOf(model)
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
