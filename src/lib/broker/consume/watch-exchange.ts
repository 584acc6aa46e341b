import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import { queueExists } from '#lib/broker/inspect/queue-type.ts'
import { ask, openChannel } from '#lib/broker/wire/channel.ts'
import { EviError } from '#lib/errors.ts'
import { type ConsumerLimits, toReceived } from './consumer.ts'
import { consumeOwnQueue, ownQueueOptions } from './private-queue.ts'

/** A copy of what goes through a named exchange. */
export async function consumeCopies(
  model: ChannelModel,
  { socket, bindingKey, onMessages, onOverflow }: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const channel = await openChannel(model)
  const { queue } = await ask(socket, async () => {
    const declared = await channel.assertQueue('', ownQueueOptions)
    await channel.bindQueue(declared.queue, socket.exchange, bindingKey ?? socket.routingKey)
    return declared
  })
  await consumeOwnQueue(channel, { queue, read: toReceived, onMessages, onOverflow, ...limits })
  return { kind: 'copy' }
}

/** The default exchange cannot be bound to: evi's own queue takes the routing key's name, which is free. */
export async function consumeStandIn(
  model: ChannelModel,
  { socket, onMessages, onOverflow }: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const queue = socket.routingKey
  if (queue.startsWith('amq.')) throw noQueueNamed(queue)
  const channel = await openChannel(model)
  try {
    await ask(socket, () => channel.assertQueue(queue, ownQueueOptions))
  } catch (error) {
    // Somebody was faster.
    const taken = error instanceof EviError && error.code === 'precondition'
    throw taken ? queueExists({ kind: 'unknown', messages: 0, consumers: 0 }, socket) : error
  }
  await consumeOwnQueue(channel, { queue, read: toReceived, onMessages, onOverflow, ...limits })
  return { kind: 'stand-in' }
}

/** Queues without a name, or with one of the broker's own, cannot be declared. */
export function noQueueNamed(queue: string): EviError {
  return new EviError(
    'queue-exists',
    `No queue can be declared under the name "${queue}", so nothing can be watched there.`,
  )
}
