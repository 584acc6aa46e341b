import type { ChannelModel, ConsumeMessage } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import { ask, openChannel } from '#lib/broker/wire/channel.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** More than a chunk has: RabbitMQ sends a whole chunk at once as far as the prefetch allows. */
const wholeChunk = 65_535

export interface StreamEndRequest {
  readonly socket: Socket
  /** How many messages, counted from the end. */
  readonly last: number
  /** Milliseconds for a reply; a stream that sends nothing for a fifth of them is empty. */
  readonly replyTimeout: number
}

/**
 * The offset of the stream's `last` messages, as of now: AMQP does not count them, so its last chunk is read for the
 * highest offset.
 *
 * @returns `first` where the stream is empty; an offset below the oldest message that was kept stands for that one
 */
export async function offsetOfLast(
  model: ChannelModel,
  { socket, last, replyTimeout }: StreamEndRequest,
): Promise<number | 'first'> {
  const channel = await openChannel(model)
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  let highest = -1
  const onMessage = (message: ConsumeMessage | null) => {
    highest = Math.max(highest, Number(message?.properties.headers?.['x-stream-offset'] ?? -1))
    begin()
  }
  await ask(socket, async () => {
    await channel.prefetch(wholeChunk)
    await channel.consume(socket.routingKey, onMessage, { arguments: { 'x-stream-offset': 'last' } })
    // Its answer comes behind what the chunk has.
    if ((await withDeadline(begun, replyTimeout / 5)) !== 'late') await channel.checkQueue(socket.routingKey)
    await channel.close()
  })
  return highest < 0 ? 'first' : Math.max(0, highest - last + 1)
}
