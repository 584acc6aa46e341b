/** What the management API answers; whoever is there in its place may answer anything. */

/** Bytes; a hundred thousand exchanges take half of it. */
const longestAnswer = 64 * 1024 * 1024

/** The answer's text. @throws Error for one that would fill the memory */
export async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > longestAnswer) throw new Error(`more than ${longestAnswer} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Undefined for what is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function has<K extends string>(
  document: unknown,
  ...names: readonly K[]
): document is Record<K, unknown> {
  return typeof document === 'object' && document !== null && names.every((name) => name in document)
}

export function listOf<T>(is: (one: unknown) => one is T): (document: unknown) => document is readonly T[] {
  return (document): document is readonly T[] => Array.isArray(document) && document.every(is)
}

export function isExchange(document: unknown): document is ExchangeRecord {
  if (!has(document, 'name', 'type', 'arguments') || !isTable(document.arguments)) return false
  const { policy } = document as { policy?: unknown }
  return areTexts(document.name, document.type) && (policy === undefined || areTexts(policy))
}

export function isCluster(document: unknown): document is { name: string } {
  return has(document, 'name') && typeof document.name === 'string'
}

export function isBinding(document: unknown): document is BindingRecord {
  if (!has(document, 'source', 'destination', 'destination_type', 'routing_key', 'arguments')) return false
  const { source, destination, destination_type: kind, routing_key: key } = document
  return (
    areTexts(source, destination, key) &&
    (kind === 'queue' || kind === 'exchange') &&
    isTable(document.arguments)
  )
}

export function isPolicy(document: unknown): document is { definition: Readonly<Record<string, unknown>> } {
  return has(document, 'definition') && isTable(document.definition)
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
  readonly policy?: string
}

interface BindingRecord {
  readonly source: string
  readonly destination: string
  readonly destination_type: 'queue' | 'exchange'
  readonly routing_key: string
  readonly arguments: Readonly<Record<string, unknown>>
}
