import type { ChannelModel } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import type { Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import { channelError, messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { lookAtQueue, queueExists } from '#lib/broker/inspect/queue-type.ts'
import { ask, openChannel } from '#lib/broker/wire/channel.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ConsumerLimits, toReceived } from './consumer.ts'
import { consumeOwnQueue, ownQueueOptions } from './private-queue.ts'

/** A copy of what goes through a named exchange. */
export async function consumeCopies(
  model: ChannelModel,
  { socket, bindingKey, bindingArguments, onMessages, onOverflow }: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const channel = await openChannel(model)
  const { queue } = await ask(socket, async () => {
    const declared = await channel.assertQueue('', ownQueueOptions)
    const key = bindingKey ?? socket.routingKey
    await channel.bindQueue(declared.queue, socket.exchange, key, bindingArguments)
    return declared
  })
  const { exchange } = socket
  await consumeOwnQueue(channel, { queue, exchange, read: toReceived, onMessages, onOverflow, ...limits })
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
    await channel.assertQueue(queue, ownQueueOptions)
  } catch (error) {
    throw (await takenName(error, { model, socket, limits })) ?? channelError(error, socket)
  }
  await consumeOwnQueue(channel, { queue, read: toReceived, onMessages, onOverflow, ...limits })
  return { kind: 'stand-in' }
}

interface Refused {
  readonly model: ChannelModel
  readonly socket: Socket
  readonly limits: ConsumerLimits
}

/** The error where the name belongs to another queue; a limit of the vhost refuses a declaration, too. */
async function takenName(error: unknown, { model, socket, limits }: Refused): Promise<EviError | undefined> {
  const refused = readReply(replyOf(messageOf(error))?.text ?? '')?.kind
  if (refused !== 'queue-locked' && refused !== 'inequivalent') return undefined
  // RabbitMQ calls a queue that is not exclusive locked, too; one whose node is down it does not describe in time.
  const { replyTimeout } = limits
  const queue = await withDeadline(lookAtQueue(model, socket, replyTimeout), replyTimeout / 2)
  const nothing = { messages: 0, consumers: 0 }
  const kind = refused === 'queue-locked' ? 'exclusive' : 'unknown'
  return queueExists(queue === 'late' || queue === undefined ? { kind, ...nothing } : queue, socket)
}

/** Queues without a name, or with one of the broker's own, cannot be declared. */
export function noQueueNamed(queue: string): EviError {
  return new EviError(
    'queue-exists',
    `No queue can be declared under the name "${queue}", so nothing can be watched there.`,
  )
}
