import { durationText } from '#lib/text/numbers/duration.ts'
import type { LostDeadLetters } from './dead-letters.ts'
import { emptyOrRaise, limitsOf } from './queue-limits.ts'
import type { LiveNumbers, QueueState, QueueVerdict } from './queue-state.ts'

/** What no consumer takes at once is lost after its confirm, unless a dead-letter exchange gets it. */
export function judgeKeeping(queue: QueueState, alive: LiveNumbers | undefined): QueueVerdict | undefined {
  const { name, type, ttl, maxLength, rejectsWhenFull, deadLetterExchange } = queue
  const consumers = alive?.consumers ?? queue.consumers
  if (type === 'stream' || deadLetterExchange !== undefined || consumers !== 0) return undefined
  const keepsNone = maxLength === 0 && !rejectsWhenFull ? 'x-max-length 0' : ttl === 0 && 'x-message-ttl 0'
  if (!keepsNone) return undefined
  return {
    status: 'drops',
    reason: `The queue "${name}" keeps no message (${keepsNone}) and has no consumer: RabbitMQ confirms what is published and drops it.`,
    hint: startOrRaise,
  }
}

const startOrRaise = 'Start its consumer, or raise the limit of the queue or of its policy.'

/** What goes to an exchange that is not there, or has no queue for it, is lost without a word of RabbitMQ. */
export function judgeDeadLetters(queue: QueueState): QueueVerdict | undefined {
  const { name, missingDeadLetterExchange: exchange, lostDeadLetters } = queue
  if (lostDeadLetters) return losesDeadLetters(queue, lostDeadLetters)
  if (exchange === undefined) return undefined
  return {
    status: 'loses',
    reason: `The queue "${name}" names the dead-letter exchange "${exchange}", which does not exist: what it drops and what its consumers reject is lost.`,
    hint: 'Declare that exchange, or correct its name in the arguments or the policy of the queue.',
  }
}

function losesDeadLetters(
  { name, deadLetterRoutingKey }: QueueState,
  { exchange, routingKey }: LostDeadLetters,
): QueueVerdict {
  if (routingKey === undefined) {
    return {
      status: 'loses',
      reason: `The queue "${name}" names the dead-letter exchange "${exchange}", which has no binding: what it drops and what its consumers reject is lost.`,
      hint: 'Bind a queue to that exchange, or correct its name in the arguments or the policy of the queue.',
    }
  }
  const [where, remedy] =
    exchange === ''
      ? [`to the default exchange, where no queue is called "${routingKey}"`, 'Declare a queue of that name']
      : [
          `to the exchange "${exchange}", which has no queue for the routing key "${routingKey}"`,
          'Bind a queue to that exchange for that key',
        ]
  const ownKey = deadLetterRoutingKey === undefined ? ' of that key' : ''
  return {
    status: 'loses',
    reason: `The queue "${name}" sends its dead letters ${where}: what it drops and what its consumers reject${ownKey} is lost.`,
    hint: `${remedy}, or correct the dead-letter routing key in the arguments or the policy of the queue.`,
  }
}

/** A full queue makes room by its oldest message, and messages expire where no consumer takes them; a stream does so by design. */
export function judgeLosses(queue: QueueState, alive: LiveNumbers | undefined): QueueVerdict | undefined {
  const { name, type, ttl, rejectsWhenFull, deadLetterExchange } = queue
  if (type === 'stream') return undefined
  const full = limitsOf(queue, alive).find(({ limit, used = 0, next }) => limit > 0 && used + next > limit)
  if (full && !rejectsWhenFull) {
    const place = deadLetterExchange === '' ? 'the default exchange' : `the exchange "${deadLetterExchange}"`
    const end =
      deadLetterExchange === undefined ? 'drops its oldest message' : `sends its oldest message to ${place}`
    return {
      status: 'loses',
      reason: `The queue "${name}" is full (${full.limit} ${full.unit}, overflow drop-head): for each new message it ${end}.`,
      hint: emptyOrRaise,
    }
  }
  // With a dead-letter exchange that is how a message is delayed.
  if (ttl === undefined || deadLetterExchange !== undefined || (alive?.consumers ?? queue.consumers) !== 0)
    return undefined
  return {
    status: 'loses',
    reason: `The queue "${name}" has no consumer and drops messages after ${durationText(ttl / 1000)} (x-message-ttl).`,
    hint: startOrRaise,
  }
}
