import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest, ReceivedMessage } from '#lib/broker/broker.ts'
import { ask, openChannel } from '#lib/broker/wire/channel.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { type ConsumerLimits, consume, toReceived } from './consumer.ts'
import type { Delivery } from './delivery-decoder.ts'

/** Reads a stream, which keeps its messages; RabbitMQ refuses the offset where the queue is no stream. */
export async function consumeStream(
  model: ChannelModel,
  { socket, onMessages, from }: ConsumerRequest & { readonly from: StreamOffset },
  limits: ConsumerLimits,
): Promise<Consumer> {
  const channel = await openChannel(model)
  const consumption = {
    queue: socket.routingKey,
    arguments: { 'x-stream-offset': argumentOf(from) },
    read: toStreamed,
    onMessages,
    ...limits,
  }
  await ask(socket, () => consume(channel, consumption), 'read')
  return { kind: 'stream', from }
}

function argumentOf(from: StreamOffset): unknown {
  // AMQP's timestamps are seconds; the one before shows too much rather than too little.
  return from instanceof Date ? { '!': 'timestamp', value: Math.floor(from.getTime() / 1000) } : from
}

function toStreamed(delivery: Delivery): ReceivedMessage {
  const offset: unknown = delivery.properties.headers?.['x-stream-offset']
  return { ...toReceived(delivery), ...(Number.isSafeInteger(offset) ? { offset: offset as number } : {}) }
}
