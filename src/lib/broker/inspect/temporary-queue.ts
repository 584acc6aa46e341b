import type { ChannelModel, Options } from 'amqplib'
import { openChannel } from '#lib/broker/wire/channel.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** The queue is bounded, as no consumer empties it: with 100,000 messages a queue is three times as slow (RabbitMQ 3.10). */
const options: Options.AssertQueue = {
  exclusive: true,
  autoDelete: true,
  durable: false,
  arguments: { 'x-max-length': 1000, 'x-max-length-bytes': 16 * 1024 * 1024, 'x-overflow': 'drop-head' },
}

/** Declares a queue that the broker names; see `BrokerConnection.declareTemporaryQueue`. */
export async function declareTemporaryQueue(model: ChannelModel, socket: Socket): Promise<Socket> {
  const channel = await openChannel(model)
  const { queue } = await channel.assertQueue('', options)
  return { ...socket, exchange: '', routingKey: queue }
}
