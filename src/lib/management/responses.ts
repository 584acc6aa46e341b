import { areTexts, has, isTable, listOf } from './json-values.ts'

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

export interface ExchangeRecord {
  readonly name: string
  readonly type: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly internal?: unknown
  readonly policy?: string
}

export interface BindingRecord {
  readonly source: string
  readonly destination: string
  readonly destination_type: 'queue' | 'exchange'
  readonly routing_key: string
  readonly arguments: Readonly<Record<string, unknown>>
}
