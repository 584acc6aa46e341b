import { BindingMatcher } from './binding-matcher.ts'

/** The part of a vhost that a message may come by, as the management API reports it. */
export interface Topology {
  readonly exchanges: readonly Exchange[]
  readonly bindings: readonly Binding[]
}

export interface Exchange {
  readonly name: string
  readonly type: string
  /** What takes the messages that this one has no binding for; undefined where it is not permitted to look. */
  readonly alternate: string | null | undefined
  /** Only other exchanges can publish to it. */
  readonly isInternal?: boolean
}

export interface Binding {
  readonly source: string
  readonly destination: { readonly kind: 'queue' | 'exchange'; readonly name: string }
  readonly routingKey: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface RoutedMessage {
  readonly exchange: string
  readonly routingKey: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** How a message leaves an exchange: by a binding's key, or, with null, for the alternate exchange. */
interface Hop {
  readonly exchange: string
  readonly bindingKey: string | null
}

/** Where a message goes. */
export interface Route {
  /** Each queue once, with the way to it. */
  readonly queues: readonly { readonly name: string; readonly path: readonly Hop[] }[]
  /** Exchanges on the way whose rule or alternate evi does not know, so that more queues may be behind them. */
  readonly unknown: readonly Exchange[]
}

/**
 * Follows a message from an exchange by each exchange's own rule, through bindings between exchanges and alternate
 * exchanges, as RabbitMQ does: an exchange is passed once, and its alternate is asked only when it has no binding for
 * the message.
 */
export function route(topology: Topology, message: RoutedMessage): Route {
  const { exchanges, bindings } = indexOf(topology)
  const queues = new Map<string, readonly Hop[]>()
  const unknown: Exchange[] = []
  const seen = new Set([message.exchange])
  const open: { name: string; path: readonly Hop[] }[] = [{ name: message.exchange, path: [] }]
  for (let place = open.shift(); place; place = open.shift()) {
    const exchange = exchanges.get(place.name)
    if (!exchange) continue
    const ways = waysFrom(exchange, bindings.get(exchange.name) ?? [], message)
    if (!ways) unknown.push(exchange)
    for (const { bindingKey, kind, name } of ways ?? []) {
      const path = [...place.path, { exchange: exchange.name, bindingKey }]
      if (kind === 'queue' && !queues.has(name)) queues.set(name, path)
      if (kind === 'queue' || seen.has(name)) continue
      seen.add(name)
      open.push({ name, path })
    }
  }
  return { queues: [...queues].map(([name, path]) => ({ name, path })), unknown }
}

interface TopologyIndex {
  readonly exchanges: ReadonlyMap<string, Exchange>
  /** By the exchange that they lead away from. */
  readonly bindings: ReadonlyMap<string, readonly Binding[]>
}

/** Many sockets are judged by one topology. */
const indexes = new WeakMap<Topology, TopologyIndex>()

function indexOf(topology: Topology): TopologyIndex {
  const known = indexes.get(topology)
  if (known) return known
  const index = {
    exchanges: new Map(topology.exchanges.map((exchange) => [exchange.name, exchange])),
    bindings: Map.groupBy(topology.bindings, ({ source }) => source),
  }
  indexes.set(topology, index)
  return index
}

type Way = Binding['destination'] & Pick<Hop, 'bindingKey'>

/** Undefined where it cannot be known. */
function waysFrom(
  { type, alternate }: Exchange,
  bindings: readonly Binding[],
  message: RoutedMessage,
): readonly Way[] | undefined {
  const taking = rules[type]
  if (!taking) return undefined
  const matching = taking(bindings, message)
  if (matching.length > 0)
    return matching.map(({ destination, routingKey }) => ({ ...destination, bindingKey: routingKey }))
  if (alternate === null) return []
  return alternate === undefined ? undefined : [{ kind: 'exchange', name: alternate, bindingKey: null }]
}

const matchers = new WeakMap<readonly Binding[], BindingMatcher<Binding>>()

/** Of thousands of bindings a matcher finds those of a key without comparing all. */
function matcherOf(type: 'direct' | 'topic', bindings: readonly Binding[]): BindingMatcher<Binding> {
  const known = matchers.get(bindings)
  if (known) return known
  const matcher = new BindingMatcher(
    type,
    bindings.map((binding) => ({ key: binding.routingKey, target: binding })),
  )
  matchers.set(bindings, matcher)
  return matcher
}

/** Whether evi knows by which rule such an exchange goes. */
export function isKnownType(type: string): boolean {
  return Object.hasOwn(rules, type)
}

type Rule = (bindings: readonly Binding[], message: RoutedMessage) => readonly Binding[]

/** The bindings that take a message, by the exchange's type (AMQP 0-9-1, 3.1.3). */
const rules: Readonly<Record<string, Rule>> = {
  direct: (bindings, { routingKey }) => matcherOf('direct', bindings).targetsOf(routingKey),
  fanout: (bindings) => bindings,
  topic: (bindings, { routingKey }) => matcherOf('topic', bindings).targetsOf(routingKey),
  headers: (bindings, { headers }) =>
    bindings.filter((binding) => matchesHeaders(binding.arguments, headers)),
}

/** RabbitMQ's `x-match`: all (the default) or any of the arguments, those that start with `x-` only where it says so. */
function matchesHeaders(wanted: Binding['arguments'], headers: RoutedMessage['headers']): boolean {
  const { 'x-match': mode = 'all', ...others } = wanted
  const withX = String(mode).endsWith('-with-x')
  const arguments_ = Object.entries(others).filter(([name]) => withX || !name.startsWith('x-'))
  const matches = ([name, value]: [string, unknown]) =>
    Object.hasOwn(headers, name) &&
    // Tables and arrays are equal by what is in them.
    (value === null || JSON.stringify(value) === JSON.stringify(headers[name]))
  return String(mode).startsWith('any') ? arguments_.some(matches) : arguments_.every(matches)
}
