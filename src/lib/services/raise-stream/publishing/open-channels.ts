import type {
  BrokerConnection,
  Message,
  OpenMessage,
  Publisher,
  PublisherRequest,
} from '#lib/broker/broker.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'

/** Why a publisher's channels ended, and what they left. */
export interface ChannelsEnd<M extends Message> {
  readonly reason: PublishFailure
  readonly open: readonly OpenMessage<M>[]
}

/**
 * Opens a publisher's channels. An end that comes before they can be used is returned, a later one is for the listener.
 *
 * @param use called once they are open
 * @throws EviError as `BrokerConnection.openPublisher`
 */
export async function openChannels<M extends Message>(
  connection: BrokerConnection,
  request: PublisherRequest<M>,
  use: (publisher: Publisher<M>) => void,
): Promise<ChannelsEnd<M> | undefined> {
  const { listener } = request
  let isOpen = false
  let early: ChannelsEnd<M> | undefined
  const ended: typeof listener.ended = (reason, open) => {
    if (isOpen) listener.ended(reason, open)
    else early = { reason, open }
  }
  // A copy, as one more call for each message would cost: the listener is an object of functions, and no instance.
  const publisher = await connection.openPublisher<M>({ ...request, listener: { ...listener, ended } })
  if (early) return early
  isOpen = true
  use(publisher)
  return undefined
}
