import type { Socket } from 'node:net'
import { type LocalServer, serve } from './local-server.ts'

/** A word of AMQP 0-9-1: class and method, by its name there. */
const words = {
  start: [10, 10],
  'start-ok': [10, 11],
  tune: [10, 30],
  'tune-ok': [10, 31],
  open: [10, 40],
  'open-ok': [10, 41],
  close: [10, 50],
  'close-ok': [10, 51],
  blocked: [10, 60],
  'channel.open': [20, 10],
  'channel.open-ok': [20, 11],
  'channel.close': [20, 40],
  'channel.close-ok': [20, 41],
  'exchange.declare': [40, 10],
  'exchange.declare-ok': [40, 11],
  'queue.declare': [50, 10],
  'queue.declare-ok': [50, 11],
  'queue.bind': [50, 20],
  'queue.bind-ok': [50, 21],
  qos: [60, 10],
  'qos-ok': [60, 11],
  consume: [60, 20],
  'consume-ok': [60, 21],
  publish: [60, 40],
  return: [60, 50],
  deliver: [60, 60],
  ack: [60, 80],
  'confirm.select': [85, 10],
  'confirm.select-ok': [85, 11],
  'tx.select': [90, 10],
  'tx.select-ok': [90, 11],
  'tx.rollback': [90, 30],
  'tx.rollback-ok': [90, 31],
} as const

export type Word = keyof typeof words
/** What evi says, its protocol header included. */
export type Heard = Word | 'header'

/** Whole numbers in so many bytes, as AMQP has them. */
export const octet = (value: number) => Buffer.of(value)
export const short = (value: number) => Buffer.of(value >> 8, value)
export const long = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value)
export const longlong = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
export const shortText = (text: string | Buffer) =>
  Buffer.concat([octet(Buffer.byteLength(text)), Buffer.from(text)])
export const longText = (text: string) => Buffer.concat([long(Buffer.byteLength(text)), Buffer.from(text)])
export const table = (fields: Readonly<Record<string, string>>) => {
  const pairs = Object.entries(fields).map(([name, value]) => [
    shortText(name),
    Buffer.from('S'),
    longText(value),
  ])
  const bytes = Buffer.concat(pairs.flat())
  return Buffer.concat([long(bytes.length), bytes])
}

/** A frame; its size and its end may be lies. */
export function frame(
  type: number,
  channel: number,
  payload: Buffer,
  { size = payload.length, end = 0xce } = {},
): Buffer {
  return Buffer.concat([octet(type), short(channel), long(size), payload, octet(end)])
}

export function method(channel: number, word: Word, ...parts: readonly Buffer[]): Buffer {
  return frame(1, channel, Buffer.concat([...words[word].map(short), ...parts]))
}

/** Header and body of a message that says how long it is. */
export function content(channel: number, body: Buffer, size = BigInt(body.length)): Buffer {
  const header = frame(2, channel, Buffer.concat([short(60), short(0), longlong(size), short(0)]))
  return body.length === 0 ? header : Buffer.concat([header, frame(3, channel, body)])
}

/** The broker's part of a conversation, at one word of evi's. */
export interface Turn {
  readonly socket: Socket
  readonly channel: number
  /** What a right broker would say. */
  readonly good: Buffer
  say(...bytes: readonly Buffer[]): void
}

export type Behaviour = Partial<Record<Heard, (turn: Turn) => void>>

/** Just as much of a broker as evi needs, which behaves otherwise where a test asks for it. */
export async function brokenBroker(behaviour: Behaviour): Promise<LocalServer> {
  return await serve((socket) => new Conversation(socket, behaviour))
}

class Conversation {
  readonly #socket: Socket
  readonly #behaviour: Behaviour
  #bytes: Buffer = Buffer.alloc(0)
  #confirms = false
  #published = 0n

  constructor(socket: Socket, behaviour: Behaviour) {
    this.#socket = socket
    this.#behaviour = behaviour
    socket.setNoDelay().on('data', (chunk) => this.#hear(chunk))
  }

  #hear(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.#bytes.subarray(0, 4).equals(Buffer.from('AMQP')) && this.#bytes.length >= 8) {
      this.#bytes = this.#bytes.subarray(8)
      this.#answer('header', 0)
    }
    while (this.#bytes.length >= 7) {
      const end = 8 + this.#bytes.readUInt32BE(3)
      if (this.#bytes.length < end) return
      const [type, channel] = [this.#bytes[0], this.#bytes.readUInt16BE(1)]
      const id = [this.#bytes.readUInt16BE(7), type === 1 ? this.#bytes.readUInt16BE(9) : 0]
      this.#bytes = this.#bytes.subarray(end)
      const word = Object.entries(words).find(([, [one, two]]) => one === id[0] && two === id[1])?.[0]
      if (type === 1 && word) this.#answer(word as Word, channel)
    }
  }

  #answer(heard: Heard, channel: number): void {
    const good = this.#good(heard, channel)
    const say = (...bytes: readonly Buffer[]) => {
      if (this.#socket.writable) this.#socket.write(Buffer.concat(bytes))
    }
    const otherwise = this.#behaviour[heard]
    if (otherwise) otherwise({ socket: this.#socket, channel, good, say })
    else if (good.length > 0) say(good)
  }

  #good(heard: Heard, channel: number): Buffer {
    switch (heard) {
      case 'header':
        return start({ product: 'RabbitMQ', version: '3.8.0' })
      case 'start-ok':
        return tune(2047, 131_072, 0)
      case 'open':
        return method(0, 'open-ok', shortText(''))
      case 'channel.open':
        return method(channel, 'channel.open-ok', longText(''))
      case 'queue.declare':
        return method(channel, 'queue.declare-ok', shortText('q'), long(0), long(0))
      case 'consume':
        return method(channel, 'consume-ok', shortText('evi'))
      case 'confirm.select':
        this.#confirms = true
        return method(channel, 'confirm.select-ok')
      case 'publish':
        return this.#confirms ? method(channel, 'ack', longlong(++this.#published), octet(0)) : Buffer.of()
      default:
        return `${heard}-ok` in words ? method(channel, `${heard}-ok` as Word) : Buffer.of()
    }
  }
}

export function start(properties: Readonly<Record<string, string>>, mechanisms = 'PLAIN'): Buffer {
  return method(0, 'start', octet(0), octet(9), table(properties), longText(mechanisms), longText('en_US'))
}

export function tune(channelMax: number, frameMax: number, heartbeat: number): Buffer {
  return method(0, 'tune', short(channelMax), long(frameMax), short(heartbeat))
}

/** `connection.close`, or a channel's. */
export function closeFrame(channel: number, code: number, text: string | Buffer): Buffer {
  const word = channel === 0 ? 'close' : 'channel.close'
  return method(channel, word, short(code), shortText(text), short(0), short(0))
}
