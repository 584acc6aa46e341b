import type { BrokerConnection } from '#lib/broker/broker.ts'
import { noBinding, noHeaders, type Remedy } from '#lib/domain/failure/remedies.ts'
import { judgeQueueState, type QueueState, type QueueVerdict } from '#lib/domain/routing/queue-state.ts'
import { type Binding, type Exchange, isKnownType, type Route, route } from '#lib/domain/routing/route.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Management } from '#lib/management/management.ts'
import type { ManagementFinder } from './management-finder.ts'
import { type CheckStep, unknownRoute } from './steps.ts'
import { topologyBehind } from './topology.ts'

/** @param headers those of the message, none unless it is a certain one */
export type RouteJudge = (
  socket: Socket,
  connection: BrokerConnection,
  headers?: Readonly<Record<string, unknown>>,
) => Promise<CheckStep>

/** Judges each socket's route by the management API of its broker's cluster, as far as one is given. */
export function routeJudge(find: ManagementFinder | undefined): RouteJudge {
  if (!find) return async () => unknownRoute()
  return async (socket, connection, headers = {}) => {
    try {
      const management = await find(socket, connection)
      if (!management) return foreign(connection.cluster)
      return await routeStep({ socket, headers }, management, connection)
    } catch (error) {
      if (error instanceof EviError && /^(?:refused|unreachable)$/.test(error.code)) return unread(error)
      throw error
    }
  }
}

/** The wiring may be whole, only that it cannot be seen. */
function unread({ code, message: reason, hint }: EviError): CheckStep {
  return code === 'refused'
    ? { step: 'route', status: 'hidden', found: '', reason, hint }
    : { step: 'route', status: 'unknown', found: '', reason, hint, code }
}

function foreign(cluster: string | undefined): CheckStep {
  const reason =
    cluster === undefined
      ? 'The broker does not name its cluster, so that no management API can be known for its own.'
      : `No management API that was given speaks for this broker's cluster, ${cluster}.`
  const hint = 'Give that one too: --management http://HOST:15672'
  return { step: 'route', status: 'unknown', found: '', reason, hint: cluster && hint }
}

/** Judges where a named exchange takes a message, by the bindings and each exchange's own rule. */
async function routeStep(
  { socket, headers }: { socket: Socket; headers: Readonly<Record<string, unknown>> },
  management: Management,
  connection: BrokerConnection,
): Promise<CheckStep> {
  const { exchange, routingKey, vhost } = socket
  const topology = await topologyBehind(management, vhost, exchange)
  const taken = route(topology, { exchange, routingKey, headers })
  const states = await management.queues(
    vhost,
    taken.queues.map(({ name }) => name),
  )
  const queues = await Promise.all(
    taken.queues.map(async ({ name, path }): Promise<RoutedQueue> => {
      const state = states.get(name)
      if (taken.queues.length > askedSingly || judged(state, undefined).status === 'rejects')
        return { name, path, ...toldBy(state), verdict: judged(state, undefined) }
      const numbers = await numbersOf(connection, name)
      return { name, path, ...numbers, verdict: judged(state, numbers.messages ?? undefined) }
    }),
  )
  const { type = null, alternate } = topology.exchanges.find(({ name }) => name === exchange) ?? {}
  const facts = {
    type,
    alternate,
    queues: queues.map(factsOf),
    unknown: taken.unknown.map(({ name, type }) => ({ exchange: name, type })),
  }
  if (queues.length === 0) return { ...unrouted(socket, taken, { type, bindings: topology.bindings }), facts }
  const more = taken.unknown.map(({ name }) => `more may be behind ${name}, whose rule evi does not know`)
  const found = `${type}: ${[...describeQueues(queues), ...more].join('; ')}`
  return { step: 'route', found, facts, ...verdictOf(queues) }
}

/** One queue that rejects makes the broker reject the message, whatever the others do. */
function verdictOf(queues: readonly RoutedQueue[]): Pick<CheckStep, 'status' | 'code' | 'reason' | 'hint'> {
  const verdicts = queues.map(({ verdict }) => verdict)
  const rejects = verdicts.find(({ status }) => status === 'rejects')
  if (rejects?.status === 'rejects')
    return { status: 'failed', code: 'rejected', reason: rejects.reason, hint: rejects.hint }
  const unseen = verdicts.find(({ status }) => status === 'unseen')
  if (unseen?.status === 'unseen') return { status: 'unknown', reason: unseen.reason, hint: probeHint }
  if (queues.some(({ consumers }) => (consumers ?? 0) > 0)) return { status: 'passed' }
  if (queues.some(({ consumers }) => consumers === null))
    return { status: 'hidden', reason: 'This user has no permission to see whether anyone consumes.' }
  return {
    status: 'warning',
    reason: 'No consumer takes from any of them: events arrive and wait there.',
    hint: 'Start a consumer.',
  }
}

const probeHint = 'Send a test message: --probe'

function judged(state: QueueState | undefined, alive: number | undefined): QueueVerdict {
  if (state) return judgeQueueState(state, alive)
  return { status: 'unseen', reason: 'The management API does not tell of a queue that is bound there.' }
}

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
}

function factsOf({ name, path, messages, consumers, verdict }: RoutedQueue): RoutedQueueFacts {
  const takes = verdict.status === 'unseen' ? null : verdict.status === 'takes'
  const obstacle = verdict.status === 'rejects' ? verdict.reason : null
  return { name, path, messages, consumers, takes, obstacle }
}

interface Numbers {
  readonly messages: number | null
  readonly consumers: number | null
}

/** As AMQP tells them, at once; the management API's are seconds old. */
async function numbersOf(connection: BrokerConnection, queue: string): Promise<Numbers> {
  try {
    const lookup = await connection.findQueue(queue)
    if (lookup.found !== true) return unknownNumbers
    return { messages: lookup.messages, consumers: lookup.consumers }
  } catch (error) {
    // One queue that is down must not hide the others.
    if (error instanceof EviError && error.code === 'timeout') return unknownNumbers
    throw error
  }
}

function toldBy(state: QueueState | undefined): Numbers {
  return { messages: state?.messages ?? null, consumers: state?.consumers ?? null }
}

const unknownNumbers: Numbers = { messages: null, consumers: null }

/** Queues that are named; a fanout may have thousands. */
const namedQueues = 10

function describeQueues(queues: readonly RoutedQueue[]): readonly string[] {
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

function unrouted(
  socket: Socket,
  { unknown }: Route,
  { type, bindings }: { type: string | null; bindings: readonly Binding[] },
): CheckStep {
  const [strange] = unknown
  if (strange) return { step: 'route', status: 'unknown', found: '', ...whyUnknown(strange) }
  const { reason, hint } = type === 'headers' ? noHeaders(socket) : noBinding(socket)
  const own = bindings.filter(({ source }) => source === socket.exchange)
  const there = own
    .slice(0, shownBindings)
    .map(({ routingKey, destination }) => `"${routingKey}" → ${destination.kind} ${destination.name}`)
  const others = own.length > shownBindings ? `, and ${own.length - shownBindings} more` : ''
  const known = there.length === 0 ? '' : ` It has ${there.join(', ')}${others}.`
  return { step: 'route', status: 'failed', found: '', code: 'unroutable', reason: `${reason}${known}`, hint }
}

function whyUnknown({ name, type, alternate }: Exchange): Remedy {
  if (isKnownType(type) && alternate === undefined) {
    return {
      reason: `No binding of the exchange "${name}" takes it, and a policy that this user may not see may name an alternate exchange.`,
      hint: 'Ask as a user with the tag policymaker, or send a test message: --probe',
    }
  }
  return {
    reason: `The exchange "${name}" is of the type ${type}, whose rule evi does not know.`,
    hint: 'Send a test message: --probe',
  }
}

/** Bindings that are named where none fits. */
const shownBindings = 5
