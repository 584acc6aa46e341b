import { isParameter } from '#lib/domain/socket/read-route.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { eventParams } from './event-params.ts'

/** A name that OpenSIPS does not know, and that may be a misspelling; or a parameter that is read as a routing key. */
export type Doubt =
  | { readonly kind: 'routing-key'; readonly name: string }
  | { readonly kind: 'event'; readonly name: string; readonly nearest: string }
  | {
      readonly kind: 'param'
      readonly name: string
      readonly event: string
      readonly nearest: string | undefined
      /** The names of all parameters of the event. */
      readonly known: readonly string[]
    }

/** Marks an event as a test of evi's own, whatever its other parameters are. */
export const testMark = 'evi'

/**
 * What is doubtful about the names of an event and its parameters. An event that resembles none of OpenSIPS is one of the
 * user's own, whose names cannot be judged.
 *
 * @param params the names of the parameters; unnamed ones are left out
 */
export async function doubtsAbout(event: string, params: readonly string[]): Promise<readonly Doubt[]> {
  if (!Object.hasOwn(eventParams, event)) {
    const nearest = await nearestEvent(event)
    return nearest === undefined ? [] : [{ kind: 'event', name: event, nearest }]
  }
  const known = eventParams[event]?.split(' ') ?? []
  const unknown = known.includes('*')
    ? []
    : params.filter((name) => name !== testMark && !known.includes(name))
  if (unknown.length === 0) return []
  const { nearest } = await import('#lib/text/nearest.ts')
  return unknown.map((name) => ({ kind: 'param', name, event, nearest: nearest(name, known), known }))
}

/** Whether the routing key is a parameter that stands behind the "?", or before none. */
export function doubtsAboutSocket({ routingKey }: Pick<Socket, 'routingKey'>): readonly Doubt[] {
  return routingKey.split(';').some(isParameter) ? [{ kind: 'routing-key', name: routingKey }] : []
}

/** The name of the known event that is spelt nearly like this one. */
export async function nearestEvent(name: string): Promise<string | undefined> {
  const { nearest } = await import('#lib/text/nearest.ts')
  return nearest(name, Object.keys(eventParams))
}
