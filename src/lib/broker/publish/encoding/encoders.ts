import type { Message } from '#lib/broker/broker.ts'
import { connectionLost, messageOf } from '#lib/broker/errors/amqp-errors.ts'
import type { Destination } from '#lib/broker/publish/destination.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { EviError } from '#lib/errors.ts'
import { headerFrameOf, MessageEncoder } from './message-encoder.ts'

/** The encoders of a publisher's messages. */
export class Encoders<M extends Message> {
  readonly #properties: MessageProperties
  /** Of messages without properties of their own: for sockets that ask for persistence, and for the others. */
  readonly #headers = new Map<boolean, Buffer>()

  /** @param properties of every message, before its own */
  constructor(properties: MessageProperties) {
    this.#properties = properties
  }

  propertiesOf({ properties }: M): MessageProperties {
    return properties ? { ...properties, ...this.#properties } : this.#properties
  }

  /** @throws EviError `data` for properties that cannot be sent, `unreachable` where the channel is closed */
  encoderFor(message: M, destination: Destination<unknown>, channel: ChannelInside): MessageEncoder {
    const { socket } = destination
    const { frameMax } = channel.connection
    if (message.properties) {
      const header = this.#headerOf(this.propertiesOf(message), socket.persistent, channel)
      return new MessageEncoder(socket, header, frameMax)
    }
    let header = this.#headers.get(socket.persistent)
    if (!header) {
      header = this.#headerOf(this.#properties, socket.persistent, channel)
      this.#headers.set(socket.persistent, header)
    }
    destination.encoder ??= new MessageEncoder(socket, header, frameMax)
    return destination.encoder
  }

  #headerOf(properties: MessageProperties, isPersistent: boolean, channel: ChannelInside): Buffer {
    try {
      return headerFrameOf(channel, { ...(isPersistent ? { persistent: true } : {}), ...properties })
    } catch (error) {
      // Of a channel that is being closed, which says nothing of the properties.
      if (error instanceof Error && error.name === 'IllegalOperationError') throw connectionLost(error)
      const message = `The message's properties cannot be sent: ${messageOf(error)}.`
      throw new EviError('data', message, { cause: error })
    }
  }
}
