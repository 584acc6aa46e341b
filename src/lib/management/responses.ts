import type { QueueState } from '#lib/domain/routing/queue-state.ts'

/** What the management API answers; another program in its place may answer anything. */

/** Undefined for what is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(double, '$1'))
  } catch {
    return undefined
  }
}

/**
 * A member of a queue that RabbitMQ up to 4.0 gives twice, as it is now and then as its statistics have it, which no longer
 * change once its process is gone. JavaScript would take the second one.
 */
const double = /("(?<name>online|state)":(?:\[[^\]]*\]|"\w*")),"\k<name>":(?:\[[^\]]*\]|"\w*")/g

/** Of a queue's record without statistics, what is newer there; RabbitMQ 3.10 calls each queue `live`. */
export function liveParts({ state, online }: QueueRecord): Pick<QueueRecord, 'state' | 'online'> {
  return {
    ...(text(state) !== undefined && state !== 'live' && { state }),
    ...(texts(online) && { online }),
  }
}

/** Whether the record is of a queue whose members are on several nodes. */
export function hasMembers({ type }: QueueRecord): boolean {
  return type === 'quorum' || type === 'stream'
}

/** Whether a value is an object with all of these names, whatever their values. */
export function has<K extends string>(
  document: unknown,
  ...names: readonly K[]
): document is Record<K, unknown> {
  return typeof document === 'object' && document !== null && names.every((name) => name in document)
}

/** A check for an array whose values all pass another check. */
export function listOf<T>(is: (one: unknown) => one is T): (document: unknown) => document is readonly T[] {
  return (document): document is readonly T[] => Array.isArray(document) && document.every(is)
}

/** Whether a reply describes an exchange: `/api/exchanges`. */
export function isExchange(document: unknown): document is ExchangeRecord {
  if (!has(document, 'name', 'type', 'arguments') || !isTable(document.arguments)) return false
  const { policy } = document as { policy?: unknown }
  return areTexts(document.name, document.type) && (policy === undefined || areTexts(policy))
}

/** Whether a reply names the cluster: `/api/cluster-name`. */
export function isCluster(document: unknown): document is { name: string } {
  return has(document, 'name') && typeof document.name === 'string'
}

/** Whether a reply describes a binding to a queue or an exchange: `/api/bindings`. */
export function isBinding(document: unknown): document is BindingRecord {
  if (!has(document, 'source', 'destination', 'destination_type', 'routing_key', 'arguments')) return false
  const { source, destination, destination_type: kind, routing_key: key } = document
  return (
    areTexts(source, destination, key) &&
    (kind === 'queue' || kind === 'exchange') &&
    isTable(document.arguments)
  )
}

/** Whether a reply describes a policy: `/api/policies`. */
export function isPolicy(document: unknown): document is { definition: Readonly<Record<string, unknown>> } {
  return has(document, 'definition') && isTable(document.definition)
}

/** Whether a reply describes a queue: `/api/queues`. */
export function isQueue(document: unknown): document is QueueRecord {
  return has(document, 'name') && typeof document.name === 'string'
}

/** Whether a reply is a page of things with names: `/api/queues?page=1`. */
export function isPage(document: unknown): document is Page {
  return has(document, 'items') && listOf(isNamed)(document.items)
}

function isNamed(document: unknown): document is Page['items'][0] {
  if (!has(document, 'name') || !areTexts(document.name)) return false
  const { vhost } = document as { vhost?: unknown }
  return vhost === undefined || areTexts(vhost)
}

interface Page {
  readonly items: readonly { readonly name: string; readonly vhost?: string }[]
}

/** Whether a reply describes a node of the cluster: `/api/nodes`. */
export function isNode(document: unknown): document is { name: string; running: boolean } {
  return has(document, 'name', 'running') && areTexts(document.name) && typeof document.running === 'boolean'
}

/** A client's connection; RabbitMQ lists one that has just begun without its user. */
export function isConnection(document: unknown): document is ConnectionRecord {
  return has(document, 'name') && typeof document.name === 'string'
}

/** Whether a reply describes a channel: `/api/channels`. */
export function isChannel(document: unknown): document is ChannelRecord {
  return has(document, 'connection_details')
}

interface ConnectionRecord {
  readonly name: string
  /** Such as `running`; missing until the first statistics. */
  readonly state?: string
  readonly user: string
  readonly vhost: string
  readonly client_properties?: { readonly product?: unknown } | null
}

interface ChannelRecord {
  readonly state?: unknown
  readonly connection_details: { readonly name?: string } | null
}

/** The queue as evi's rules need it; of a wrong shape counts as absent. */
export function toQueueState(record: QueueRecord, stoppedNodes: readonly string[] | undefined): QueueState {
  const own = isTable(record.arguments) ? record.arguments : {}
  const policy = isTable(record.effective_policy_definition) ? record.effective_policy_definition : {}
  const isQuorum = record.type === 'quorum'
  // Of an argument and a policy the argument decides, and for a quorum queue the policy (RabbitMQ 3.10, 4.0 and 4.3).
  const overflow = isQuorum ? (policy.overflow ?? own['x-overflow']) : (own['x-overflow'] ?? policy.overflow)
  return {
    name: record.name,
    type: text(record.type),
    state: text(record.state),
    node: text(record.node),
    stoppedNodes,
    members: texts(record.members),
    online: texts(record.online),
    messages: number(record.messages),
    messagesReady: number(record.messages_ready),
    bytesReady: number(record.message_bytes_ready),
    consumers: number(record.consumers),
    rejectsWhenFull: overflow === 'reject-publish' || (overflow === 'reject-publish-dlx' && !isQuorum),
    maxLength: least(own['x-max-length'], policy['max-length']),
    maxBytes: least(own['x-max-length-bytes'], policy['max-length-bytes']),
    ttl: least(own['x-message-ttl'], policy['message-ttl']),
    deadLetterExchange: text(own['x-dead-letter-exchange'] ?? policy['dead-letter-exchange']),
  }
}

/** Of an argument and a policy, RabbitMQ takes the smaller number. */
function least(...limits: readonly unknown[]): number | undefined {
  const numbers = limits.filter((limit) => typeof limit === 'number')
  return numbers.length === 0 ? undefined : Math.min(...numbers)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && areTexts(...value) ? value : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}

export interface ExchangeRecord {
  readonly name: string
  readonly type: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly internal?: unknown
  readonly policy?: string
}

/** Whatever else it has may be of any shape, as statistics come later than the queue. */
export interface QueueRecord {
  readonly name: string
  readonly type?: unknown
  readonly state?: unknown
  readonly node?: unknown
  readonly members?: unknown
  readonly online?: unknown
  readonly messages?: unknown
  readonly messages_ready?: unknown
  readonly message_bytes_ready?: unknown
  readonly consumers?: unknown
  readonly arguments?: unknown
  readonly effective_policy_definition?: unknown
}

export interface BindingRecord {
  readonly source: string
  readonly destination: string
  readonly destination_type: 'queue' | 'exchange'
  readonly routing_key: string
  readonly arguments: Readonly<Record<string, unknown>>
}
