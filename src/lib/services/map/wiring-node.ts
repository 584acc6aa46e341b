import type { CheckStep } from '#lib/services/check/steps.ts'

/** A place on the way from an event to who consumes it. */
export interface WiringNode {
  readonly kind: 'opensips' | 'event' | 'socket' | 'broker' | 'exchange' | 'queue' | 'consumers'
  /** The same for the same thing, by whatever way it is come by. */
  readonly id: string
  readonly name: string
  /** Null where evi has not looked. */
  readonly state: CheckStep['status'] | null
  /** What is wrong there, or what was found. */
  readonly note: string | null
  /** What to do about it, in lines. */
  readonly hint: string | null
  /** The key of the binding that leads here. */
  readonly bindingKey: string | null
  readonly next: readonly WiringNode[]
}

/** A place with what is known of it. */
export function node(given: Pick<WiringNode, 'kind' | 'name'> & Partial<WiringNode>): WiringNode {
  return {
    id: idOf(given.kind, given.name),
    state: null,
    note: null,
    hint: null,
    bindingKey: null,
    next: [],
    ...given,
  }
}

/** The id of a thing, by what makes it one. */
export function idOf(kind: WiringNode['kind'], ...names: readonly unknown[]): string {
  return JSON.stringify([kind, ...names])
}
