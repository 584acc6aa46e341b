import type {
  BrokerConnection,
  ChannelUse,
  Message,
  OpenMessage,
  Publisher,
  PublisherListener,
  PublishOutcome,
} from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { failureOf, failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** A socket that the message is for. */
export type Target = Pick<OpenMessage<Message>, 'socket' | 'mayHaveArrived'>

/** A socket that another connection may serve, and why this one could not. */
export interface Left extends Target {
  readonly reason: PublishFailure
}

export interface PublishToAllRequest {
  readonly targets: readonly Target[]
  readonly body: Buffer
  readonly properties: MessageProperties
  readonly channels: ChannelUse
  /** Called once for each socket that is not left. @param resent it was sent twice, without an answer to the first time */
  readonly settle: (socket: Socket, outcome: PublishOutcome, resent: boolean) => void
}

/**
 * Publishes a message once to each socket of a connection. Returns what is left for another one, where the user was refused
 * a channel.
 */
export async function publishToAll(
  connection: BrokerConnection,
  { targets, body, properties, channels, settle }: PublishToAllRequest,
): Promise<readonly Left[]> {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const message: Message = { body }
  const resent = new Set<Socket>()
  const left: Left[] = []
  let lost: PublishFailure | undefined
  let open = targets.length
  const end = (socket: Socket, outcome: PublishOutcome) => {
    settle(socket, outcome, resent.has(socket))
    if (--open === 0) resolve()
  }
  const leave = (target: Target, reason: PublishFailure) => {
    if (!reason.isChannelLimit) return end(target.socket, failureOfOpen(target, reason))
    left.push({ ...target, reason })
    if (--open === 0) resolve()
  }
  const listener: PublisherListener<Message> = {
    settled: (_message, socket, outcome) => end(socket, outcome),
    resending: (_message, socket) => resent.add(socket),
    held: () => {},
    ended: (reason, open) => {
      lost = reason
      for (const target of open) leave(target, reason)
    },
  }
  let publisher: Publisher<Message> | undefined
  try {
    publisher = await connection.openPublisher({ channels, properties, stallLimit: undefined, listener })
  } catch (error) {
    lost = failureOf(eviError(error))
  }
  for (const target of targets) {
    if (publisher?.congested) await publisher.drained()
    if (lost || !publisher) leave(target, lost as PublishFailure)
    else publish(publisher, target)
  }
  publisher?.flush()
  await done
  return left

  function publish(publisher: Publisher<Message>, { socket, mayHaveArrived }: Target): void {
    try {
      publisher.publish(message, socket, mayHaveArrived ? { mayHaveArrived } : undefined)
    } catch (error) {
      end(socket, failureOf(eviError(error)))
    }
  }
}

function eviError(error: unknown): EviError {
  if (error instanceof EviError) return error
  throw error
}
