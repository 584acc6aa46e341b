import type { BindingArguments } from '#lib/domain/routing/copying.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/**
 * A mode of watching that has to be asked for: RabbitMQ's firehose, a stream from an offset on or with its last messages, or a stand-in that is
 * declared without a look at what is there, as a look at a queue whose node is down is not answered (RabbitMQ 4).
 */
export type WatchMode = 'firehose' | 'stand-in' | { readonly from: StreamOffset } | { readonly last: number }

export interface ConsumerRequest {
  readonly socket: Socket
  /**
   * By default, a named exchange is copied; on the default exchange the consumer stands in for a queue that is not there,
   * and reads along with one that is a stream.
   */
  readonly mode?: WatchMode | undefined
  /** The pattern for a named exchange; the socket's routing key by default. */
  readonly bindingKey: string | undefined
  /** For the binding, where the exchange's type wants them. */
  readonly bindingArguments?: BindingArguments | undefined
  /** Messages that may be unacknowledged; by default as many as make reading fast. */
  readonly prefetch?: number | undefined
  /** Called with the messages that came together, in order; the next ones wait while its promise does. */
  readonly onMessages: (messages: readonly ReceivedMessage[]) => Promise<void>
  /** The consumer's own queue is full: the watcher is too slow and the broker drops the oldest events. */
  readonly onOverflow: (limit: number) => void
}

export interface CopiesRequest extends Pick<ConsumerRequest, 'prefetch' | 'onMessages' | 'onOverflow'> {
  /** One of those with the exchange and login. */
  readonly socket: Socket
  /** Each once. */
  readonly bindingKeys: readonly string[]
  /** How many channels may be opened together. */
  readonly channels: number
}

export interface Consumer {
  /** `stand-in`: no queue had the routing key's name, and the consumer's own took it. */
  readonly kind: 'copy' | 'stand-in' | 'stream' | 'firehose'
  /** Where the reading of a stream began. */
  readonly from?: StreamOffset
}

export interface PeekRequest {
  readonly socket: Socket
  /** The most messages to read. */
  readonly limit: number
}

export interface Peeked {
  /** In the queue's order. */
  readonly messages: readonly ReceivedMessage[]
  /** Messages that were ready, too, and were not read. */
  readonly left: number
  readonly consumers: number
}

export interface ReceivedMessage {
  readonly body: Buffer
  readonly exchange: string
  readonly routingKey: string
  readonly redelivered: boolean
  /** By amqplib's names; undefined where not set. */
  readonly properties: object
  /** Its place in the stream that it was read from. */
  readonly offset?: number
}
