import { eventParams } from './event-params.ts'

/** A name that OpenSIPS does not know, and that may be a misspelling. */
export type Doubt =
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

/** The name of the known event that is spelt nearly like this one. */
export async function nearestEvent(name: string): Promise<string | undefined> {
  const { nearest } = await import('#lib/text/nearest.ts')
  return nearest(name, Object.keys(eventParams))
}
