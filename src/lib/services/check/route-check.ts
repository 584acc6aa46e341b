import type { Headers } from '#lib/domain/event/message-headers.ts'
import { noBinding, type Remedy, useOuterExchange } from '#lib/domain/failure/remedies.ts'
import {
  type Binding,
  type Exchange,
  isKnownType,
  type Route,
  route,
  type Topology,
} from '#lib/domain/routing/route.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Lookups } from './check-connection.ts'
import type { DeadLetterPlaces } from './dead-letters.ts'
import { type ManagementFinder, noneSpeaks } from './management-finder.ts'
import { describeQueues, factsOf, lookAtQueues, verdictOf } from './routed-queues.ts'
import { type CheckStep, unknownRoute, unseenStep } from './steps.ts'
import { topologyBehind } from './topology.ts'

/** @param headers those of the message, none unless it is a certain one */
export type RouteJudge = (
  socket: Socket,
  connection: Lookups,
  headers?: Readonly<Record<string, unknown>>,
) => Promise<CheckStep>

/** Judges each socket's route by the management API of its broker's cluster, as far as one is given. */
export function routeJudge(find: ManagementFinder | undefined, topologyOf = topologyBehind): RouteJudge {
  if (!find) return async () => unknownRoute()
  return async (socket, connection, headers = {}) => {
    try {
      const management = await find(socket, connection)
      if (!management)
        return find.isGuess
          ? unknownRoute()
          : { step: 'route', status: 'unknown', found: '', ...noneSpeaks(connection.cluster) }
      const topology = await topologyOf(management, socket.vhost, socket.exchange)
      return await routeStep({ socket, headers, topology }, { management, topologyOf, connection })
    } catch (error) {
      if (error instanceof EviError && /^(?:refused|unreachable)$/.test(error.code))
        return unseenStep('route', error)
      throw error
    }
  }
}

/** Judges where a named exchange takes a message, by the bindings and each exchange's own rule. */
async function routeStep(
  { socket, headers, topology }: { socket: Socket; headers: Headers; topology: Topology },
  places: DeadLetterPlaces & { connection: Lookups },
): Promise<CheckStep> {
  const { exchange, routingKey } = socket
  const start = topology.exchanges.find(({ name }) => name === exchange)
  if (start?.isInternal) return internal(exchange)
  const taken = route(topology, { exchange, routingKey, headers })
  const queues = await lookAtQueues(taken.queues, socket, places)
  const { type = null, alternate } = start ?? {}
  const facts = {
    type,
    alternate,
    queues: queues.map(factsOf),
    unknown: taken.unknown.map(({ name, type }) => ({ exchange: name, type })),
  }
  if (queues.length === 0)
    return { ...unrouted(socket, taken, { type, headers, bindings: topology.bindings }), facts }
  const more = taken.unknown.map(({ name }) => `more may be behind ${name}, whose rule evi does not know`)
  const found = `${type}: ${[...describeQueues(queues), ...more].join('; ')}`
  return { step: 'route', found, facts, ...verdictOf(queues) }
}

function internal(exchange: string): CheckStep {
  const reason = `The exchange "${exchange}" is internal: RabbitMQ refuses what is published to it.`
  return { step: 'route', status: 'failed', found: '', code: 'refused', reason, hint: useOuterExchange }
}

function unrouted(
  socket: Socket,
  { unknown }: Route,
  { type, headers, bindings }: { type: string | null; headers: Headers; bindings: readonly Binding[] },
): CheckStep {
  const [strange] = unknown
  if (strange) return { step: 'route', status: 'unknown', found: '', ...whyUnknown(strange) }
  const { reason, hint } = noBinding(socket, { headers, type })
  const own = bindings.filter(({ source }) => source === socket.exchange)
  const there = own
    .slice(0, shownBindings)
    .map(({ routingKey, destination }) => `"${routingKey}" to ${destination.kind} ${destination.name}`)
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
