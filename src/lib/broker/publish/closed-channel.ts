import type { Message } from '#lib/broker/broker.ts'
import { closedChannelOutcome } from '#lib/broker/errors/amqp-errors.ts'
import { failureOfOpen, type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { isTransient } from '#lib/errors.ts'
import type { WaitingMessage } from './channel-owner.ts'
import type { Destination, Rest } from './destination.ts'
import { findPoisonMessage } from './poison-message.ts'
import type { UnconfirmedMessages } from './unconfirmed.ts'

/** What becomes of the messages that a closed channel left unconfirmed. */
interface SortedOut<M extends Message, C> {
  /** To be published again, in order. */
  readonly again: readonly WaitingMessage<M, C>[]
  readonly failed: readonly {
    readonly message: M
    readonly destination: Destination<C>
    readonly failure: PublishFailure
  }[]
}

/** The connection is gone, or the broker does not mean a message. */
export function isOfConnection(failure: PublishFailure): boolean {
  return statusOf(failure) === 'unreachable' || isTransient(failure)
}

/** Takes the messages of a channel that the broker closed for one of them; what the next ones would meet, too, begins a rest. */
export function sortOut<M extends Message, C>(
  error: unknown,
  unconfirmed: UnconfirmedMessages<M, Destination<C>>,
): SortedOut<M, C> {
  const { processedTag } = unconfirmed
  const { verdicts, scope } = findPoisonMessage(error, unconfirmed.takeAll(), processedTag)
  const rests = new Set<Rest>()
  const sorted = { again: [] as WaitingMessage<M, C>[], failed: [] as SortedOut<M, C>['failed'][0][] }
  for (const verdict of verdicts) {
    const { entry, end, mayHaveArrived } = verdict
    const { message, destination } = entry
    if (end === 'failed') {
      if (scope !== 'message') rests.add(destination.restOf(scope))
      const failure = failureOfOpen(verdict, closedChannelOutcome(error, destination.socket))
      sorted.failed.push({ message, destination, failure })
    } else {
      const manner = end === 'isolated' ? 'isolated' : 'pipelined'
      sorted.again.push({ message, destination, mayHaveArrived, manner })
    }
  }
  for (const rest of rests) rest.begin((socket) => closedChannelOutcome(error, socket))
  return sorted
}
