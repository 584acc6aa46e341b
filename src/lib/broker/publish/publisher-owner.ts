import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** What a publisher asks of the connection that it is a part of. */
export interface PublisherOwner {
  /** Milliseconds without any progress after which the broker counts as silent. */
  readonly replyTimeout: number
  /** Why the broker blocks publishers, while it does. */
  readonly blocked: () => string | undefined
  /** Whose connection it is. */
  readonly socket: Socket
  /** Cuts the connection. */
  readonly destroy: (reason: string) => void
  /** The broker has not answered in time, so no close is to be waited for. */
  readonly unanswered: () => void
  /** Resolves with what the end of a channel means, once the connection is gone. */
  readonly reasonOfLoss: (failure: PublishFailure) => Promise<PublishFailure>
}
