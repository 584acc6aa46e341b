import type { Channel, ConsumeMessage, MessageProperties } from 'amqplib'
import { type ChannelInside, decodeHeader, type FrameSource } from '#lib/broker/wire/amqplib-internals.ts'
import {
  bodyFrame,
  frameEnd,
  frameHeader,
  frameOverhead,
  headerFrame,
  methodFrame,
  sizeInHeader,
} from '#lib/broker/wire/frame.ts'

/** A message that came to a consumer. */
export type Delivery = Pick<ConsumeMessage, 'content' | 'properties'> & {
  readonly fields: Omit<ConsumeMessage['fields'], 'consumerTag'>
}

/**
 * Reports the channel's deliveries before amqplib sees them, in a third of its time. Those that came in pieces are
 * left to amqplib, whose consumer gets them in their turn.
 */
export function readDeliveries(channel: Channel, onDelivery: (delivery: Delivery) => void): void {
  const { ch, connection } = channel as ChannelInside
  const { recvFrame } = connection
  const propertiesOf = (header: Buffer) => decodeHeader(recvFrame, header) as MessageProperties
  const names = new RecentNames()
  connection.recvFrame = function (this: FrameSource) {
    const bytes = this.rest
    let end = 0
    try {
      for (let frames = framesAt(bytes, end, ch); frames; frames = framesAt(bytes, end, ch)) {
        const delivery = readDelivery(bytes, frames, { names, propertiesOf })
        end = frames.end
        onDelivery(delivery)
      }
    } finally {
      // Properties that cannot be read must not bring the deliveries before them a second time.
      this.rest = bytes.subarray(end)
    }
    return recvFrame.call(this)
  }
}

/** Where the frames of a delivery begin, and where the last one ends. */
interface Frames {
  readonly method: number
  readonly header: number
  readonly body: number
  readonly end: number
}

/** `basic.deliver`: class 60, method 60. */
const basicDeliver = 0x3c_003c
const basicClass = 0x3c
/** Where the properties stand in a header frame, behind the body's size; the first two bytes say which are set. */
const propertiesInHeader = sizeInHeader + 8
/** With names of no length; and with no properties. */
const shortestMethod = frameOverhead + 4 + 1 + 9 + 1 + 1
const shortestHeader = propertiesInHeader + 2 + 1
const noProperties = {} as MessageProperties

/** Undefined where no delivery begins, or not the whole of it is there. */
function framesAt(bytes: Buffer, method: number, channel: number): Frames | undefined {
  const header = endOfFrame(bytes, method, methodFrame, channel)
  const body = header && endOfFrame(bytes, header, headerFrame, channel)
  const end = body && endOfFrame(bytes, body, bodyFrame, channel)
  if (!end || !isDelivery(bytes, method, header) || body - header < shortestHeader) return undefined
  if (bytes.readUInt16BE(header + frameHeader) !== basicClass) return undefined
  if (bytes.readUInt16BE(header + sizeInHeader) !== 0) return undefined
  const size = bytes.readUIntBE(header + sizeInHeader + 2, 6)
  return size > 0 && size === end - body - frameOverhead ? { method, header, body, end } : undefined
}

/** The names of `basic.deliver` must end where its frame does; what is odd is left to amqplib. */
function isDelivery(bytes: Buffer, method: number, header: number): boolean {
  if (header - method < shortestMethod) return false
  if (bytes.readUInt32BE(method + frameHeader) !== basicDeliver) return false
  const end = header - 1
  const deliveryTag = endOfName(bytes, method + frameHeader + 4)
  const exchange = deliveryTag + 9
  // Six bytes of a number are all that JavaScript is sure of.
  if (exchange >= end || bytes.readUInt16BE(deliveryTag) !== 0) return false
  const routingKey = endOfName(bytes, exchange)
  return routingKey < end && endOfName(bytes, routingKey) === end
}

/** 0 where no whole frame of the type and channel begins. */
function endOfFrame(bytes: Buffer, at: number, type: number, channel: number): number {
  if (bytes.length < at + frameOverhead) return 0
  if (bytes[at] !== type || bytes.readUInt16BE(at + 1) !== channel) return 0
  const end = at + frameOverhead + bytes.readUInt32BE(at + 3)
  return bytes[end - 1] === frameEnd ? end : 0
}

interface Decoders {
  readonly names: RecentNames
  readonly propertiesOf: (header: Buffer) => MessageProperties
}

function readDelivery(
  bytes: Buffer,
  { method, header, body, end }: Frames,
  { names, propertiesOf }: Decoders,
): Delivery {
  const deliveryTag = endOfName(bytes, method + frameHeader + 4)
  const redelivered = deliveryTag + 8
  const { exchange, routingKey } = names.read(bytes, redelivered + 1)
  const hasProperties = bytes.readUInt16BE(header + propertiesInHeader) !== 0
  return {
    content: bytes.subarray(body + frameHeader, end - 1),
    fields: {
      deliveryTag: bytes.readUIntBE(deliveryTag + 2, 6),
      redelivered: bytes[redelivered] === 1,
      exchange,
      routingKey,
    },
    properties: hasProperties ? propertiesOf(bytes.subarray(header, body)) : noProperties,
  }
}

type Names = Pick<Delivery['fields'], 'exchange' | 'routingKey'>

interface KnownNames {
  readonly bytes: Buffer
  readonly names: Names
}

/** Exchanges with a routing key that are remembered; the keys may be as many as there are calls. */
const mostNames = 10_000

/** The exchanges and routing keys of the deliveries. Most have those of the one before, or of one not long ago. */
class RecentNames {
  #last: KnownNames = { bytes: Buffer.alloc(2), names: { exchange: '', routingKey: '' } }
  readonly #known = new Map<string, KnownNames>()

  read(bytes: Buffer, exchange: number): Names {
    if (!isAt(exchange, this.#last.bytes, bytes)) this.#last = this.#find(bytes, exchange)
    return this.#last.names
  }

  #find(bytes: Buffer, exchange: number): KnownNames {
    const routingKey = endOfName(bytes, exchange)
    const end = endOfName(bytes, routingKey)
    const key = bytes.toString('latin1', exchange, end)
    let found = this.#known.get(key)
    if (!found) {
      const names = {
        exchange: bytes.toString('utf8', exchange + 1, routingKey),
        routingKey: bytes.toString('utf8', routingKey + 1, end),
      }
      found = { bytes: Buffer.from(bytes.subarray(exchange, end)), names }
      if (this.#known.size >= mostNames) this.#known.clear()
      this.#known.set(key, found)
    }
    return found
  }
}

/** A loop, as comparing parts of buffers costs more than reading the names again. */
function isAt(offset: number, part: Buffer, bytes: Buffer): boolean {
  for (let index = 0; index < part.length; index++) {
    if (part[index] !== bytes[offset + index]) return false
  }
  return true
}

/** Names are short strings: their length in a byte, and the bytes. */
function endOfName(bytes: Buffer, at: number): number {
  return at + 1 + bytes.readUInt8(at)
}
