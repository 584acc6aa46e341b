import { judgeQueueState } from '#lib/domain/routing/judge-queue.ts'
import type { LiveNumbers, QueueState, QueueVerdict } from '#lib/domain/routing/queue-state.ts'
import type { Route } from '#lib/domain/routing/route.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Lookups } from './check-connection.ts'
import { type DeadLetterPlaces, withDeadLetters } from './dead-letters.ts'
import type { CheckStep } from './steps.ts'

/** Above so many queues the numbers are the management API's, seconds old, instead of a question by AMQP for each. */
const askedSingly = 20

/** A queue that the message is routed to; its numbers are null where they were not seen. */
export type RoutedQueue = Numbers & Route['queues'][0] & { readonly verdict: QueueVerdict }

/** The queues as the facts of a step have them. */
export interface RoutedQueueFacts extends Numbers {
  readonly name: string
  readonly path: Route['queues'][0]['path']
  /** Whether the queue takes messages; null where that was not seen. */
  readonly takes: boolean | null
  /** Why it takes none. */
  readonly obstacle: string | null
  /** What it loses of what it has taken. */
  readonly loss: string | null
  /** What to do about it. */
  readonly hint: string | null
}

/** Looks at each queue of a route: by the management API whether it takes messages, by AMQP how many wait. */
export async function lookAtQueues(
  queues: Route['queues'],
  socket: Socket,
  { connection, ...places }: DeadLetterPlaces & { connection: Lookups },
): Promise<readonly RoutedQueue[]> {
  const states = await places.management.queues(
    socket.vhost,
    queues.map(({ name }) => name),
  )
  const look = async ({ name, path }: Route['queues'][0]): Promise<RoutedQueue> => {
    const listed = states.get(name)
    const state = listed && (await withDeadLetters(listed, socket, places))
    const verdict = judge(state, undefined)
    // A queue that is down would keep AMQP waiting.
    if (queues.length > askedSingly || verdict.status === 'rejects')
      return { name, path, ...numbersIn(state), verdict }
    const seen = await numbersOf(connection, name)
    return {
      name,
      path,
      ...(seen ?? numbersIn(state)),
      verdict: judge(state, seen && areSeen(seen) ? seen : undefined),
    }
  }
  return await Promise.all(queues.map(look))
}

/** One queue that rejects makes the broker reject the message, whatever the others do. */
export function verdictOf(
  queues: readonly RoutedQueue[],
): Pick<CheckStep, 'status' | 'code' | 'reason' | 'hint'> {
  const verdicts = queues.map(({ verdict }) => verdict)
  const rejects = verdicts.find(({ status }) => status === 'rejects')
  if (rejects?.status === 'rejects')
    return { status: 'failed', code: 'rejected', reason: rejects.reason, hint: rejects.hint }
  const [drops, ...others] = verdicts
  if (drops?.status === 'drops' && others.every(({ status }) => status === 'drops'))
    return { status: 'failed', code: 'unroutable', reason: drops.reason, hint: drops.hint }
  const unseen = verdicts.find(({ status }) => status === 'unseen')
  if (unseen?.status === 'unseen') return { status: 'unknown', reason: unseen.reason, hint: probeHint }
  const loses = verdicts.find(({ status }) => status === 'loses')
  if (loses?.status === 'loses') return { status: 'warning', reason: loses.reason, hint: loses.hint }
  if (queues.some(({ consumers }) => (consumers ?? 0) > 0)) return { status: 'passed' }
  const [unseenOne, ...more] = queues.filter(({ consumers }) => consumers === null)
  if (unseenOne) return { status: 'unknown', reason: notSeen(unseenOne.name, more.length, queues.length) }
  return {
    status: 'warning',
    reason: 'No consumer takes from any of them: events wait there, as far as their limits allow.',
    hint: 'Start a consumer.',
  }
}

/** What was not seen of a queue, and of more among all. */
function notSeen(name: string, more: number, all: number): string {
  const have = more === 0 ? `"${name}" has` : `"${name}" and ${more} more have`
  const others = more + 1 < all ? ' The other queues have none.' : ''
  return `It was not seen whether ${have} a consumer.${others} Of a new queue the management API knows that after some seconds.`
}

const probeHint = 'Send a test message: --probe'

function judge(state: QueueState | undefined, alive: LiveNumbers | undefined): QueueVerdict {
  if (state) return judgeQueueState(state, alive)
  return { status: 'unseen', reason: 'The management API does not list a queue that is bound there.' }
}

/** The queue for programs. */
export function factsOf({ name, path, messages, consumers, verdict }: RoutedQueue): RoutedQueueFacts {
  const loses = verdict.status === 'loses'
  const takes = verdict.status === 'unseen' ? null : loses || verdict.status === 'takes'
  const { reason, hint } = 'hint' in verdict ? verdict : { reason: null, hint: null }
  return {
    name,
    path,
    messages,
    consumers,
    takes,
    obstacle: loses ? null : reason,
    loss: loses ? reason : null,
    hint,
  }
}

interface Numbers {
  readonly messages: number | null
  readonly consumers: number | null
}

/**
 * As AMQP reports them, now, while the management API's are seconds old. Undefined where AMQP does not show them: of a queue
 * that is exclusive to another connection, or not for this user.
 */
async function numbersOf(connection: Lookups, queue: string): Promise<Numbers | undefined> {
  try {
    const lookup = await connection.findQueue(queue)
    if (lookup.found === true) return { messages: lookup.messages, consumers: lookup.consumers }
    return lookup.found === false ? unknownNumbers : undefined
  } catch (error) {
    // One queue that is down must not hide the others.
    if (error instanceof EviError && error.code === 'timeout') return unknownNumbers
    throw error
  }
}

function areSeen(numbers: Numbers): numbers is LiveNumbers {
  return numbers.messages !== null && numbers.consumers !== null
}

function numbersIn(state: QueueState | undefined): Numbers {
  return { messages: state?.messages ?? null, consumers: state?.consumers ?? null }
}

const unknownNumbers: Numbers = { messages: null, consumers: null }

/** Queues that are named; a fanout may have thousands. */
const namedQueues = 10

/** The queues as text, each with the way to it. */
export function describeQueues(queues: readonly RoutedQueue[]): readonly string[] {
  const more = queues.length - namedQueues
  const others = more > 0 ? [`${more} more queues`] : []
  return [...queues.slice(0, namedQueues).map(describeQueue), ...others]
}

function describeQueue({ name, path, consumers }: RoutedQueue): string {
  const through = path.slice(1).map(({ exchange }) => exchange)
  const way = through.length > 0 ? ` by way of ${through.join(', ')}` : ''
  const many = consumers === null ? '' : `, ${consumers} consumer${consumers === 1 ? '' : 's'}`
  return `queue ${name}${way}${many}`
}
