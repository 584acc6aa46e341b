import { readSubscriber, type Subscriber } from '#lib/domain/opensips/subscriber.ts'
import type { EventSubscribers } from './opensips.ts'

/** An error of the MI's own. */
export interface MiError {
  readonly code: number
  readonly message: string
  readonly data: string | undefined
}

type Envelope = { readonly result: unknown } | { readonly error: MiError } | { readonly otherId: string }

/**
 * A JSON-RPC answer, or the plain text in which mi_datagram refuses; undefined for anything else.
 *
 * @param id of the request; an answer with another one is that to another request
 */
export function readEnvelope(answer: string, id: number): Envelope | undefined {
  const [, code, message] = /^([45]\d\d) ([\w ]{1,60})\s*$/.exec(answer) ?? []
  if (message !== undefined) return { error: { code: Number(code), message, data: undefined } }
  let value: unknown
  try {
    value = JSON.parse(answer)
  } catch {
    return undefined
  }
  if (!isRecord(value) || value.jsonrpc !== '2.0') return undefined
  // What OpenSIPS cannot read as a request, it refuses with the id null.
  const isOwn = value.id === id || (value.id === null && isRecord(value.error))
  if (!isOwn) return { otherId: JSON.stringify(value.id ?? null) }
  if (!isRecord(value.error)) return 'result' in value ? { result: value.result } : undefined
  const { code: number, message: text, data } = value.error
  if (typeof number !== 'number' || typeof text !== 'string') return undefined
  return { error: { code: number, message: text, data: typeof data === 'string' ? data : undefined } }
}

/** Reads the result of each command; undefined where it is not of the shape that OpenSIPS gives it. */
export const readers = {
  version: (result: unknown) =>
    isRecord(result) && typeof result.Server === 'string' ? result.Server : undefined,
  events: (result: unknown) => {
    if (!isRecord(result) || !Array.isArray(result.Events)) return undefined
    return all(result.Events.map((event: unknown) => (isRecord(event) ? nameOf(event) : undefined)))
  },
  allSubscribers: (result: unknown) => {
    if (!isRecord(result) || !Array.isArray(result.Events)) return undefined
    return all(result.Events.map(eventOf))
  },
  subscribers: (result: unknown) => {
    if (!isRecord(result) || !isRecord(result.Event)) return undefined
    return 'Subscribers' in result.Event ? listOf(result.Event.Subscribers) : []
  },
  subscriber: (result: unknown) => {
    if (!isRecord(result) || !isRecord(result.Event)) return undefined
    return subscriberOf(result.Event.Subscriber) !== undefined
  },
  ok: (result: unknown) => (typeof result === 'string' ? result : undefined),
  commands: (result: unknown) =>
    Array.isArray(result)
      ? all(result.map((name) => (typeof name === 'string' ? name : undefined)))
      : undefined,
}

function eventOf(value: unknown): EventSubscribers | undefined {
  if (!isRecord(value)) return undefined
  const event = nameOf(value)
  const subscribers = listOf(value.Subscribers)
  return event === undefined || subscribers === undefined ? undefined : { event, subscribers }
}

function listOf(value: unknown): readonly Subscriber[] | undefined {
  return Array.isArray(value) ? all(value.map(subscriberOf)) : undefined
}

function subscriberOf(value: unknown): Subscriber | undefined {
  if (!isRecord(value) || typeof value.socket !== 'string') return undefined
  return readSubscriber(value.socket, typeof value.expire === 'number' ? value.expire : 'never')
}

function nameOf({ name }: Record<string, unknown>): string | undefined {
  return typeof name === 'string' ? name : undefined
}

/** All of them, or undefined where one is. */
function all<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as readonly T[])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
