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
  const exchanges = new Map(topology.exchanges.map((exchange) => [exchange.name, exchange]))
  const bindings = Map.groupBy(topology.bindings, ({ source }) => source)
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

type Way = Binding['destination'] & Pick<Hop, 'bindingKey'>

/** Undefined where it cannot be known. */
function waysFrom(
  { type, alternate }: Exchange,
  bindings: readonly Binding[],
  message: RoutedMessage,
): readonly Way[] | undefined {
  const takes = rules[type]
  if (!takes) return undefined
  const matching = bindings.filter((binding) => takes(binding, message))
  if (matching.length > 0)
    return matching.map(({ destination, routingKey }) => ({ ...destination, bindingKey: routingKey }))
  if (alternate === null) return []
  return alternate === undefined ? undefined : [{ kind: 'exchange', name: alternate, bindingKey: null }]
}

/** Whether evi knows by which rule such an exchange goes. */
export function isKnownType(type: string): boolean {
  return Object.hasOwn(rules, type)
}

type Rule = (binding: Binding, message: RoutedMessage) => boolean

/** Whether a binding takes a message, by the exchange's type (AMQP 0-9-1, 3.1.3). */
const rules: Readonly<Record<string, Rule>> = {
  direct: (binding, { routingKey }) => binding.routingKey === routingKey,
  fanout: () => true,
  topic: (binding, { routingKey }) => matchesTopic(binding.routingKey, routingKey),
  headers: (binding, { headers }) => matchesHeaders(binding.arguments, headers),
}

/** Words between dots; `*` stands for one word and `#` for any number of them, none included. */
export function matchesTopic(pattern: string, key: string): boolean {
  return matchesWords(wordsOf(pattern), wordsOf(key))
}

/** No words at all in an empty key, as RabbitMQ has it. */
function wordsOf(key: string): string[] {
  return key === '' ? [] : key.split('.')
}

/** One pass with a row of which beginnings of the key the pattern so far matches, so that many `#` cost no more. */
function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  let row = [true, ...words.map(() => false)]
  for (const part of pattern) {
    const next = row.map(() => false)
    for (const [at, matched] of row.entries()) {
      if (part === '#') next[at] = matched || (next[at - 1] ?? false)
      else next[at] = (row[at - 1] ?? false) && (part === '*' || part === words[at - 1])
    }
    row = next
  }
  return row.at(-1) ?? false
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
