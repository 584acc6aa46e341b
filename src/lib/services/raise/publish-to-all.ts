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
import { EviError } from '#lib/errors.ts'

export interface PublishToAllRequest {
  readonly sockets: readonly Socket[]
  readonly body: Buffer
  readonly properties: MessageProperties
  /** The most channels to use. */
  readonly channels: number
  /** Called once for each socket. */
  readonly settle: (socket: Socket, outcome: PublishOutcome) => void
}

/**
 * Publishes a message once to each socket of a connection.
 */
export async function publishToAll(
  connection: BrokerConnection,
  { sockets, body, properties, channels, settle }: PublishToAllRequest,
): Promise<void> {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const message: Message = { body }
  let lost: PublishFailure | undefined
  let open = sockets.length
  const end = (socket: Socket, outcome: PublishOutcome) => {
    settle(socket, outcome)
    if (--open === 0) resolve()
  }
  const listener: PublisherListener<Message> = {
    settled: (_message, socket, outcome) => end(socket, outcome),
    resending: () => {},
    ended: (reason, left) => {
      lost = reason
      for (const { socket, mayHaveArrived } of left) end(socket, mayHaveArrived ? doubtful(reason) : reason)
    },
  }
  let publisher: Publisher<Message>
  try {
    publisher = await connection.openPublisher({ channels, properties, stallLimit: undefined, listener })
  } catch (error) {
    const failure = failureOf(eviError(error))
    for (const socket of sockets) settle(socket, failure)
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
