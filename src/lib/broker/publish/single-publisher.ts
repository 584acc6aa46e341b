import type { Message, Publication, Publisher, PublisherRequest, PublishOutcome } from '#lib/broker/broker.ts'
import { closedChannelOutcome } from '#lib/broker/errors/amqp-errors.ts'
import { failureOfOpen, type PublishFailure } from '#lib/domain/failure/failure.ts'

/** A message, and who waits for its outcome. */
interface SingleMessage extends Message {
  readonly settle: (outcome: PublishOutcome) => void
}

type Open = (request: Omit<PublisherRequest<SingleMessage>, 'channels'>) => Promise<Publisher<SingleMessage>>

/** Publishes messages one by one, each with its outcome, over one channel that is opened when it is needed. */
export class SinglePublisher {
  readonly #open: Open
  #publisher: Promise<Publisher<SingleMessage>> | undefined
  #ended: PublishFailure | undefined

  constructor(open: Open) {
    this.#open = open
  }

  /** See `BrokerConnection.publish`. */
  async publish({ socket, body, properties }: Publication): Promise<PublishOutcome> {
    const { promise, resolve } = Promise.withResolvers<PublishOutcome>()
    try {
      this.#publisher ??= this.#open({
        properties: {},
        stallLimit: undefined,
        listener: {
          settled: ({ settle }, _socket, outcome) => settle(outcome),
          resending: () => {},
          held: () => {},
          ended: (reason, open) => {
            this.#ended = reason
            for (const one of open) one.message.settle(failureOfOpen(one, reason))
          },
        },
      })
      const publisher = await this.#publisher
      if (this.#ended) return this.#ended
      publisher.publish({ body, properties, settle: resolve }, socket)
      publisher.flush()
    } catch (error) {
      resolve(closedChannelOutcome(error, socket))
    }
    return await promise
  }
}
