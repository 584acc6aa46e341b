import type { BrokerConnection, QueueFinding } from '#lib/broker/broker.ts'
import { noBinding, noHeaders, type Remedy } from '#lib/domain/failure/remedies.ts'
import { type Binding, type Exchange, isKnownType, type Route, route } from '#lib/domain/routing/route.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Management } from '#lib/management/management.ts'
import { managementFinder } from './management-finder.ts'
import { type CheckStep, unknownRoute } from './steps.ts'
import { topologyBehind } from './topology.ts'

export type RouteJudge = (socket: Socket, connection: BrokerConnection) => Promise<CheckStep>

/** Judges each socket's route by the management API of its broker's cluster, as far as one is given. */
export function routeJudge(
  urls: readonly URL[] = [],
  open: (url: URL, socket: Socket) => Promise<Management>,
): RouteJudge {
  if (urls.length === 0) return async () => unknownRoute()
  const find = managementFinder(urls, open)
  return async (socket, connection) => {
    try {
      const management = await find(socket, connection)
      return management ? await routeStep(socket, management, connection) : foreign(connection.cluster)
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
  return {
    step: 'route',
    status: 'unknown',
    found: '',
    reason: `No management API that was given speaks for this broker's cluster, ${cluster}.`,
    hint: 'Give that one too: --management http://HOST:15672',
  }
}

/** Judges where a named exchange takes a message of the socket, by the bindings and each exchange's own rule. */
async function routeStep(
  socket: Socket,
  management: Management,
  connection: BrokerConnection,
): Promise<CheckStep> {
  const { exchange, routingKey, vhost } = socket
  const topology = await topologyBehind(management, vhost, exchange)
  const taken = route(topology, { exchange, routingKey, headers: {} })
  const queues = await Promise.all(
    taken.queues.map(async ({ name, path }) => ({
      name,
      path,
      ...numbersOf(await connection.findQueue(name)),
    })),
  )
  const { type = null, alternate } = topology.exchanges.find(({ name }) => name === exchange) ?? {}
  const facts = {
    type,
    alternate,
    queues,
    unknown: taken.unknown.map(({ name, type }) => ({ exchange: name, type })),
  }
  if (queues.length === 0) return { ...unrouted(socket, taken, { type, bindings: topology.bindings }), facts }
  const more = taken.unknown.map(({ name }) => `more may be behind ${name}, whose rule evi does not know`)
  const found = `${type}: ${[...queues.map(describeQueue), ...more].join('; ')}`
  if (queues.some(({ consumers }) => consumers !== 0))
    return { step: 'route', status: 'passed', found, facts }
  return {
    step: 'route',
    status: 'warning',
    found,
    facts,
    reason: 'Nobody consumes from any of them: events arrive and wait there.',
    hint: 'Start a consumer.',
  }
}

/** A queue that takes the message; its numbers are null where nobody may know. */
export type RoutedQueue = Numbers & Route['queues'][0]

interface Numbers {
  readonly messages: number | null
  readonly consumers: number | null
}

/** As AMQP tells them, at once; the management API's are seconds old. */
function numbersOf(finding: QueueFinding): Numbers {
  return finding.found === true
    ? { messages: finding.messages, consumers: finding.consumers }
    : { messages: null, consumers: null }
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
