import type { Route, SubscribeStatement } from '#lib/domain/opensips/config/syntax/statement.ts'
import type { Resolved } from './values.ts'

/** Why it is not certain that a subscription is made at startup; undefined where it is. */
export type Doubt = 'condition' | 'expiry' | 'other-route' | 'no-route'

/** A subscription as it is made in one run of its statement. */
export interface Made {
  readonly statement: SubscribeStatement
  readonly route: Route
  readonly event: Resolved
  readonly socket: Resolved
  readonly expire: Resolved | undefined
  /** The expiry is a text, so that OpenSIPS makes no subscription. */
  readonly isExpiryText: boolean
  readonly doubt: Doubt | undefined
}

/** The subscriptions that are made, one for each different run of a statement. */
export class MadeSubscriptions {
  /** By the places of the statements. Most are run once; the others by what each is once its variables have their values. */
  readonly #made = new Map<number, Made | Map<string, Made>>()

  all(): readonly Made[] {
    return [...this.#made.values()].flatMap((made) => (made instanceof Map ? [...made.values()] : made))
  }

  has({ at }: SubscribeStatement): boolean {
    return this.#made.has(at)
  }

  /** One that is certain takes the place of the same one that is not. */
  add(made: Made): void {
    const { at } = made.statement
    const before = this.#made.get(at)
    if (before === undefined) {
      this.#made.set(at, made)
      return
    }
    const runs = before instanceof Map ? before : new Map([[keyOf(before), before]])
    this.#made.set(at, runs)
    const same = runs.get(keyOf(made))
    if (!same || same.doubt) runs.set(keyOf(made), made)
  }
}

/** The same for runs with the same values. */
function keyOf({ event, socket, expire, isExpiryText }: Made): string {
  return JSON.stringify([event, socket, expire, isExpiryText])
}
