import type {
  BrokerConnection,
  Message,
  Publisher,
  PublisherListener,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { doubtful, failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'

export interface PublishToAllRequest {
  readonly sockets: readonly Socket[]
  readonly body: Buffer
  readonly properties: MessageProperties
  /** The most channels to use. */
  readonly channels: number
  /** Called once for each socket. @param resent it was sent twice, as the broker closed its channel for another one */
  readonly settle: (socket: Socket, outcome: PublishOutcome, resent: boolean) => void
}

/**
 * Publishes a message once to each socket of a connection.
 *
 * @throws ChannelLimit where the broker allows fewer channels than asked for; nothing was sent then
 */
export async function publishToAll(
  connection: BrokerConnection,
  { sockets, body, properties, channels, settle }: PublishToAllRequest,
): Promise<void> {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const message: Message = { body }
  const resent = new Set<Socket>()
  let lost: PublishFailure | undefined
  let open = sockets.length
  const end = (socket: Socket, outcome: PublishOutcome) => {
    settle(socket, outcome, resent.has(socket))
    if (--open === 0) resolve()
  }
  const listener: PublisherListener<Message> = {
    settled: (_message, socket, outcome) => end(socket, outcome),
    resending: (_message, socket) => resent.add(socket),
    ended: (reason, left) => {
      lost = reason
      for (const { socket, mayHaveArrived } of left) end(socket, mayHaveArrived ? doubtful(reason) : reason)
    },
  }
  let publisher: Publisher<Message>
  try {
    publisher = await connection.openPublisher({ channels, properties, stallLimit: undefined, listener })
  } catch (error) {
    if (error instanceof ChannelLimit && channels > 1) throw error
    const failure = failureOf(eviError(error))
    for (const socket of sockets) settle(socket, failure, false)
    return
  }
  for (const socket of sockets) {
    if (publisher.congested) await publisher.drained()
    if (lost) end(socket, lost)
    else tryToPublish(socket)
  }
  publisher.flush()
  await done

  function tryToPublish(socket: Socket): void {
    try {
      publisher.publish(message, socket)
    } catch (error) {
      end(socket, failureOf(eviError(error)))
    }
  }
}

function eviError(error: unknown): EviError {
  if (error instanceof EviError) return error
  throw error
}
