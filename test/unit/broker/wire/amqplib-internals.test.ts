import { createRequire } from 'node:module'
import net from 'node:net'
import { duplexPair, PassThrough } from 'node:stream'
import type { ChannelModel } from 'amqplib'
import { expect, test } from 'vitest'
import {
  type ChannelInside,
  type ConnectionInside,
  connectOver,
  decodeHeader,
  insideOf,
  isClosed,
  recordPublish,
} from '#lib/broker/wire/amqplib-internals.ts'

// amqplib's own classes, as an update would change them.
const load = createRequire(import.meta.resolve('amqplib'))
const { Connection } = load('./lib/connection.js')
const { ConfirmChannel } = load('./lib/channel_model.js')
const defs = load('./lib/defs.js')

function openConnection(): { connection: ConnectionInside; stream: PassThrough } {
  const stream = new PassThrough()
  return { connection: new Connection(stream), stream }
}

function openChannel(): ChannelInside {
  const { connection } = openConnection()
  const channel = new ConfirmChannel(connection)
  channel.ch = 7
  return channel
}

const changed = (what: string) => `amqplib ${what}: see src/lib/broker/wire/amqplib-internals.ts`

test('amqplib keeps the stream of a connection where evi writes frames and ends it', () => {
  const { connection, stream } = openConnection()
  const { stream: kept } = insideOf({ connection } as unknown as ChannelModel)
  expect(kept, changed('keeps its stream elsewhere')).toBe(stream)
})

test('amqplib keeps the bytes that it has not taken in rest, and takes them by recvFrame', () => {
  const { connection } = openConnection()
  expect(connection.rest, changed('keeps what it has read elsewhere')).toEqual(Buffer.alloc(0))
  expect(connection.maxFrameSize, changed('limits frames by another name')).toBeTypeOf('number')
  expect(connection.frameMax, changed('keeps the size of a frame elsewhere')).toBeTypeOf('number')
  connection.rest = Buffer.of(8, 0, 0, 0, 0, 0, 0, 0xce)
  expect(connection.recvFrame(), changed('takes frames another way')).toMatchObject({ channel: 0 })
  expect(connection.rest, changed('does not take a frame away from rest')).toHaveLength(0)
})

test('amqplib reads frames through a recvFrame that was replaced', () => {
  const { connection, stream } = openConnection()
  let called = 0
  connection.recvFrame = () => {
    called++
    return false
  }
  Reflect.get(connection, 'acceptLoop').call(connection)
  stream.write(Buffer.of(8))
  expect(called, changed('does not read by recvFrame any more')).toBeGreaterThan(0)
})

test('amqplib keeps what a broker allows in channelMax', () => {
  const source = Connection.prototype.open.toString()
  expect(source, changed('keeps the limit of channels elsewhere')).toMatch(/\.channelMax = /)
  expect(source, changed('keeps the limit of a frame elsewhere')).toMatch(/\.frameMax = /)
})

test('amqplib keeps the requests of a channel in pending, and drops them when it is closed', () => {
  const channel = openChannel()
  expect(isClosed(channel), changed('keeps the requests of a channel elsewhere')).toBe(false)
  const { toClosed } = channel as unknown as { toClosed(): void }
  Object.assign(channel.connection, { releaseChannel() {} })
  toClosed.call(channel)
  expect(isClosed(channel), changed('does not drop the requests of a closed channel')).toBe(true)
})

test('amqplib sends any request by rpc', () => {
  expect(openChannel().rpc, changed('has no rpc')).toBeTypeOf('function')
})

test('amqplib publishes by sendMessage and pushConfirmCallback, so that evi can record its frames', () => {
  const channel = openChannel()
  const frames = recordPublish(channel, (recorder) =>
    recorder.publish('', '', Buffer.alloc(0), { contentType: 'text/plain' }),
  )
  expect(frames.readUInt32BE(7), changed('publishes another way')).toBe(defs.BasicPublish)
  const header = frames.subarray(8 + frames.readUInt32BE(3))
  const fields = decodeHeader(channel.connection.recvFrame, header)
  expect(fields, changed('decodes a header frame another way')).toMatchObject({ contentType: 'text/plain' })
  expect(fields, changed('sends headers by another name')).toMatchObject({ headers: undefined })
})

test('amqplib dials by net.connect, which evi lends a stream that is connected and has the header, and puts back', async () => {
  const { connect } = net
  const [stream, broker] = duplexPair()
  Object.assign(stream, { setNoDelay() {}, setTimeout() {}, setKeepAlive() {} })
  const opening = connectOver(stream as unknown as net.Socket, { maxFrameSize: 131_072 }, {})
  expect(net.connect, 'net.connect is not put back').toBe(connect)
  broker.write(
    defs.encodeMethod(defs.ConnectionStart, 0, {
      serverProperties: {},
      mechanisms: Buffer.from('PLAIN'),
      locales: Buffer.from('en_US'),
    }),
  )
  const first = () => broker.read()?.subarray(0, 11) as Buffer | undefined
  await expect
    .poll(() => first()?.toString('hex'), {
      message: changed('dials another way, or writes the header later'),
    })
    .toEqual(expect.stringMatching(/^010000.{8}000a000b$/))
  broker.end()
  await expect(opening).rejects.toThrow()
})
