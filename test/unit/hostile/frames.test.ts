import { createRequire } from 'node:module'
import { PassThrough } from 'node:stream'
import type { Channel } from 'amqplib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watchHandshake } from '#lib/broker/connect/handshake-frames.ts'
import { type Delivery, readDeliveries } from '#lib/broker/consume/delivery-decoder.ts'
import { UnconfirmedMessages } from '#lib/broker/publish/unconfirmed.ts'
import { guardFrames } from '#lib/broker/wire/guard-frames.ts'
import { serverProperty } from '#lib/broker/wire/server-properties.ts'
import {
  closeFrame,
  content,
  frame,
  longlong,
  method,
  octet,
  shortText,
  start,
  tune,
} from '../../helpers/brokers/broken-broker.ts'
import { cases } from '../../helpers/cases.ts'

const { Connection } = createRequire(import.meta.url)('../../../node_modules/amqplib/lib/connection.js')

const delivery = fc
  .tuple(
    fc.constantFrom('evi', ''),
    fc.nat(70_000),
    fc.constantFrom('', 'amq.topic', 'ä'),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([tag, number, exchange, key, body]) =>
    Buffer.concat([
      method(
        1,
        'deliver',
        shortText(tag),
        longlong(BigInt(number)),
        octet(number % 2),
        shortText(exchange),
        shortText(key),
      ),
      content(1, Buffer.from(body)),
    ]),
  )
const other = fc.oneof(
  fc.constantFrom(
    frame(8, 0, Buffer.of()),
    method(1, 'qos-ok'),
    closeFrame(1, 404, 'x'),
    content(1, Buffer.from('odd'), 9n),
  ),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => frame(1, 1, Buffer.from(bytes))),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => frame(2, 1, Buffer.from(bytes))),
)
/** What a broker sends, a little of it changed. */
const stream = fc
  .tuple(
    fc.array(fc.oneof({ arbitrary: delivery, weight: 4 }, other), { maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 2 }),
  )
  .map(([parts, changes]) => {
    const bytes = Buffer.concat(parts)
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
    return bytes
  })

function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  let at = 0
  return [...cuts, bytes.length].map((cut) => {
    const piece = bytes.subarray(at, at + cut)
    at += cut
    return piece
  })
}

/** What comes of the bytes, read in pieces; as amqplib alone does, or by way of evi. */
function read(bytes: Buffer, cuts: readonly number[], byEvi: boolean): readonly unknown[] {
  const connection = new Connection(new PassThrough())
  const seen: unknown[] = []
  let queued: Buffer[] = []
  connection.stream.read = () => queued.shift() ?? null
  if (byEvi) {
    guardFrames({ connection })
    const report = ({ content, fields, properties }: Delivery) => {
      const { deliveryTag, exchange, routingKey } = fields
      seen.push({ deliveryTag, exchange, routingKey, content: content.toString('latin1'), properties })
    }
    readDeliveries({ ch: 1, connection } as unknown as Channel, report)
  }
  for (const piece of piecesOf(bytes, cuts)) {
    queued = [piece]
    try {
      for (let one = connection.recvFrame(); one; one = connection.recvFrame()) seen.push(one)
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
      return [...seen, 'broken']
    }
  }
  return seen
}

/** The frames of a delivery, as amqplib reads them one by one, as the one that they are. */
function joined(frames: readonly unknown[]): readonly unknown[] {
  const list = [...frames] as {
    id?: number
    channel: number
    fields?: Record<string, unknown>
    size?: number
    content?: Buffer
  }[]
  const result: unknown[] = []
  for (let index = 0; index < list.length; index++) {
    const [one, header, body] = list.slice(index, index + 3)
    const whole =
      one?.id === 0x3c_003c &&
      one.channel === 1 &&
      header?.channel === 1 &&
      body?.channel === 1 &&
      header.size !== undefined
    if (whole && body.content && body.content.length > 0 && body.content.length === header.size) {
      const { deliveryTag, exchange, routingKey } = one.fields as Record<string, unknown>
      result.push({ deliveryTag, exchange, routingKey, content: body.content.toString('latin1') })
      index += 2
    } else result.push('other')
  }
  return result
}

test('of any bytes evi reads the deliveries that amqplib reads, or the connection is broken', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(80), { maxLength: 4 }), (bytes, cuts) => {
      const mine = read(bytes, cuts, true)
      const theirs = read(bytes, cuts, false)
      const deliveries = (list: readonly unknown[]) =>
        list.filter((one) => typeof one === 'object' && one !== null && 'routingKey' in one)
      const names = (list: readonly unknown[]) =>
        deliveries(list).map((one) => {
          const { properties: _, ...rest } = one as Record<string, unknown>
          return rest
        })
      // Those read frame by frame, where they came in pieces, are amqplib's in either case.
      const whole = names(joined(theirs))
      for (const one of names(mine)) expect(whole).toContainEqual(one)
      if (!mine.includes('broken')) expect(theirs).not.toContain('broken')
    }),
    { numRuns: cases(2000) },
  )
})

test('a handshake of any bytes, in any pieces, is watched without an error', () => {
  const word = fc.oneof(
    fc.constantFrom(
      start({ product: 'RabbitMQ' }),
      tune(0, 0, 0),
      method(0, 'open-ok', shortText('')),
      closeFrame(0, 403, 'no'),
      method(0, 'close'),
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => frame(1, 0, Buffer.from(bytes))),
  )
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 6 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      fc.string({ minLength: 1, maxLength: 20 }),
      (words, cuts, name) => {
        const bytes = Buffer.concat(words)
        const pieces = piecesOf(bytes, cuts)
        const socket = { read: () => pieces.shift() ?? null }
        const heard: string[] = []
        const watch = watchHandshake(socket as never, (one) => heard.push(one))
        while (socket.read() !== null);
        expect(watch.firstBytes()).toEqual(bytes)
        expect(watch.closing()?.text.length ?? 0).toBeLessThanOrEqual(255)
        expect(serverProperty(bytes, name)?.length ?? 0).toBeLessThanOrEqual(bytes.length)
        watch.stop()
      },
    ),
    { numRuns: cases(2000) },
  )
})

test('confirms of whatever tags settle each message at most once, at once', () => {
  const tag = fc.oneof(
    fc.integer({ min: -3, max: 40 }),
    fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 0),
  )
  fc.assert(
    fc.property(fc.nat(30), fc.array(fc.tuple(tag, fc.boolean()), { maxLength: 20 }), (number, confirms) => {
      const unconfirmed = new UnconfirmedMessages()
      for (let index = 0; index < number; index++)
        unconfirmed.add({ body: Buffer.of(index) }, { exchange: '', routingKey: 'q' })
      const settled: number[] = []
      for (const [deliveryTag, multiple] of confirms) {
        const before = settled.length
        const count = unconfirmed.settle(deliveryTag, multiple, ({ body }) => settled.push(body[0] as number))
        expect(settled.length - before).toBe(count)
      }
      expect(new Set(settled).size).toBe(settled.length)
      expect(unconfirmed.size).toBe(number - settled.length)
    }),
    { numRuns: cases(1000) },
  )
})
