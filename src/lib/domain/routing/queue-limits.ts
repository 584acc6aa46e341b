import type { LiveNumbers, QueueState } from './queue-state.ts'

/** Bytes of the smallest notification. */
const smallestEvent = '{"jsonrpc":"2.0","method":"E"}'.length

interface Limit {
  readonly limit: number
  readonly used: number | undefined
  /** What the smallest event takes of it. */
  readonly next: number
  readonly unit: string
}

/** The limits that the queue has. */
export function limitsOf(queue: QueueState, alive: LiveNumbers | undefined): readonly Limit[] {
  const { maxLength, maxBytes, messagesReady, bytesReady } = queue
  const unit = maxLength === 1 ? 'message' : 'messages'
  return [
    { limit: maxLength, used: alive?.messages ?? messagesReady, next: 1, unit },
    { limit: maxBytes, used: bytesReady, next: smallestEvent, unit: 'bytes' },
  ].flatMap(({ limit, ...rest }) => (limit === undefined ? [] : [{ limit, ...rest }]))
}

/** What to do about a queue that is full. */
export const emptyOrRaise =
  'Start a consumer that empties it, or raise the limit of the queue or of its policy.'
