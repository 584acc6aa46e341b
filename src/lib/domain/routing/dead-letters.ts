import { isKnownType, route, type Topology } from './route.ts'

/** Where a queue sends what it drops and what its consumers reject. */
export interface DeadLetterTarget {
  readonly exchange: string
  /** Undefined where it is not known: that of each message. */
  readonly routingKey: string | undefined
}

/** Dead letters that no queue gets: those with the routing key, or all where the exchange has no binding. */
export interface LostDeadLetters {
  readonly exchange: string
  readonly routingKey: string | undefined
}

/**
 * Finds whether an exchange has no queue for dead letters; undefined where it has one, and where that cannot be known: of types
 * that evi does not know, by headers, and behind an alternate exchange that this user may not see.
 *
 * @param topology what is behind the exchange
 */
export function lostDeadLetters(
  topology: Topology,
  { exchange, routingKey }: DeadLetterTarget,
): LostDeadLetters | undefined {
  const start = topology.exchanges.find(({ name }) => name === exchange)
  if (!start || !isKnownType(start.type) || start.alternate === undefined) return undefined
  const hasBindings = topology.bindings.some(({ source }) => source === exchange)
  if (!hasBindings && start.alternate === null) return { exchange, routingKey: undefined }
  const goesByHeaders = topology.exchanges.some(({ type }) => type === 'headers')
  if (routingKey === undefined || goesByHeaders) return undefined
  const { queues, unknown } = route(topology, { exchange, routingKey, headers: {} })
  return queues.length === 0 && unknown.length === 0 ? { exchange, routingKey } : undefined
}
