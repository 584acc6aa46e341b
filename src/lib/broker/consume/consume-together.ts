import type { Channel, ChannelModel } from 'amqplib'
import type { CopiesRequest } from '#lib/broker/broker.ts'
import { channelError, messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { inTime, openChannel } from '#lib/broker/wire/channel.ts'
import { ConnectionFull, type EviError } from '#lib/errors.ts'
import { type ConsumerLimits, toReceived } from './consumer.ts'
import { consumeOwnQueue, ownQueueOptions } from './private-queue.ts'

/** So few bindings are soon made on one channel. */
const bindingsForChannel = 50

/**
 * See `BrokerConnection.openCopies`. A channel makes one binding after the other, and RabbitMQ 4 writes each to disk; those of
 * several channels it writes together.
 */
export async function consumeTogether(
  model: ChannelModel,
  request: CopiesRequest,
  limits: ConsumerLimits,
): Promise<ReadonlyMap<string, EviError>> {
  const { bindingKeys, channels, onMessages, onOverflow } = request
  const { replyTimeout } = limits
  const first = await inTime(replyTimeout, openChannel(model))
  const { queue } = await inTime(replyTimeout, first.assertQueue('', ownQueueOptions))
  const binding: Binding = { model, request, queue, replyTimeout, refused: new Map() }
  const keys = bindingKeys.values()
  const others = Math.min(channels, Math.ceil(bindingKeys.length / bindingsForChannel)) - 1
  try {
    // All before the first binding: a broker that allows fewer says so before there is more to send to it.
    const opened = await Promise.all(Array.from({ length: others }, () => openUnlessFull(binding)))
    const beside = opened.filter((channel) => channel !== undefined)
    const [channel] = await Promise.all([
      bindOn(first, keys, binding),
      ...beside.map(async (other) => await (await bindOn(other, keys, binding)).close()),
    ])
    if (binding.refused.size < bindingKeys.length) {
      const { exchange } = request.socket
      await consumeOwnQueue(channel, { queue, exchange, read: toReceived, onMessages, onOverflow, ...limits })
    } else await discard(channel, queue)
    return binding.refused
  } catch (error) {
    // Without a consumer it would fill up for as long as the connection lasts.
    void openChannel(model)
      .then((channel) => discard(channel, queue))
      .catch(() => {})
    throw error
  }
}

async function discard(channel: Channel, queue: string): Promise<void> {
  await channel.deleteQueue(queue)
  await channel.close()
}

interface Binding {
  readonly model: ChannelModel
  readonly request: CopiesRequest
  readonly queue: string
  readonly replyTimeout: number
  readonly refused: Map<string, EviError>
}

/** Where the connection has no more channels, those that there are bind all keys. */
async function openUnlessFull({ model, replyTimeout }: Binding): Promise<Channel | undefined> {
  try {
    return await inTime(replyTimeout, openChannel(model))
  } catch (error) {
    if (error instanceof ConnectionFull) return undefined
    throw error
  }
}

/**
 * Takes keys, which others may take, too, and binds them one after the other.
 *
 * @returns an open channel: a refusal closes the one it met
 */
async function bindOn(channel: Channel, keys: Iterable<string>, binding: Binding): Promise<Channel> {
  const { model, request, queue, replyTimeout, refused } = binding
  const { socket } = request
  let open = channel
  for (const key of keys) {
    try {
      await inTime(replyTimeout, open.bindQueue(queue, socket.exchange, key))
    } catch (error) {
      if (!isOfOneKey(error)) throw error
      refused.set(key, channelError(error, { ...socket, routingKey: key }))
      open = await inTime(replyTimeout, openChannel(model))
    }
  }
  return open
}

/** RabbitMQ does not permit the topic, or the key has more wildcards than it allows. */
function isOfOneKey(error: unknown): boolean {
  const reply = replyOf(messageOf(error))
  return reply?.code === preconditionFailed || readReply(reply?.text ?? '')?.kind === 'topic-refused'
}

/** What a binding is refused with for its own sake (AMQP 0-9-1, 1.2). */
const preconditionFailed = 406
