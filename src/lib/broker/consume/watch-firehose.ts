import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest, ReceivedMessage } from '#lib/broker/broker.ts'
import { ask, openChannel } from '#lib/broker/wire/channel.ts'
import { tracedKey, traceExchange } from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { ConsumerLimits } from './consumer.ts'
import type { Delivery } from './delivery-decoder.ts'
import { consumeOwnQueue, ownQueueOptions } from './private-queue.ts'

/** Copies of what is published to the socket, taken from RabbitMQ's firehose: nothing comes until tracing is on. */
export async function consumeFirehose(
  model: ChannelModel,
  { socket, onMessages, onOverflow }: ConsumerRequest,
  limits: ConsumerLimits,
): Promise<Consumer> {
  const channel = await openChannel(model)
  const { queue } = await ask(socket, async () => {
    const declared = await channel.assertQueue('', ownQueueOptions)
    await channel.bindQueue(declared.queue, traceExchange, tracedKey(socket))
    return declared
  })
  const read = (trace: Delivery) => readTrace(trace, socket)
  await consumeOwnQueue(channel, { queue, read, onMessages, onOverflow, ...limits })
  return { kind: 'firehose' }
}

/** What a trace says of the message that it is a copy of; a CC header gives that several routing keys. */
interface Trace {
  readonly exchange_name: string
  readonly routing_keys: readonly string[]
  readonly properties: Readonly<Record<string, unknown>>
}

/** The message as it was published; undefined for those that go elsewhere. */
function readTrace({ content, properties: about }: Delivery, socket: Socket): ReceivedMessage | undefined {
  const {
    exchange_name: exchange,
    routing_keys: routingKeys,
    properties,
  } = (about.headers ?? {}) as Partial<Trace>
  // A "#" in the exchange's name binds to more than its own.
  if (exchange !== socket.exchange || !routingKeys?.includes?.(socket.routingKey)) return undefined
  return {
    body: content,
    exchange,
    routingKey: routingKeys[0] as string,
    redelivered: false,
    properties: Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, value]) => [inAmqplibsWords(name), value]),
    ),
  }
}

/** `content_type` is `contentType` there. */
function inAmqplibsWords(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
