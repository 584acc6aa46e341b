import type { Channel } from 'amqplib'
import { channelError } from '#lib/broker/errors/amqp-errors.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { AskOnChannel } from './lookup.ts'

/** See `BrokerConnection.declare`. */
export async function declare(ask: AskOnChannel, declaration: Declaration, socket: Socket): Promise<void> {
  try {
    await ask((channel) => request(channel, declaration))
  } catch (error) {
    // What to grant for all that is to be declared, the service knows.
    throw channelError(error, socket)
  }
}

async function request(channel: Channel, declaration: Declaration): Promise<void> {
  if (declaration.kind === 'exchange') {
    const { name, type } = declaration
    await (type === undefined
      ? channel.checkExchange(name)
      : channel.assertExchange(name, type, { durable: true }))
  } else if (declaration.kind === 'queue') {
    const { name, type } = declaration
    const queueType = type === undefined ? {} : { 'x-queue-type': type }
    await channel.assertQueue(name, { durable: true, arguments: queueType })
  } else {
    const { queue, exchange, routingKey, headers } = declaration
    await channel.bindQueue(queue, exchange, routingKey, headers)
  }
}
