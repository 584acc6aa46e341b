import { identityOf, type Socket } from '#lib/domain/socket/socket.ts'
import {
  StoredPasswords,
  type Subscription,
  type SubscriptionStore,
} from '#lib/domain/subscription/subscription.ts'

/** A subscription that is asked for. */
export interface Wanted {
  readonly event: string
  readonly socket: Socket
  /** Seconds, or null for ever. */
  readonly expire: number | null
}

export interface Subscribed {
  readonly subscription: Subscription
  /** It was there already. */
  readonly renewed: boolean
}

/** Adds one subscription, or renews it. */
export async function subscribe(
  { now, ...wanted }: Wanted & { readonly now: Date },
  store: SubscriptionStore,
): Promise<Subscribed> {
  const [subscribed] = await subscribeAll([wanted], store, now)
  return subscribed as Subscribed
}

/**
 * Adds the subscriptions, in one write, or renews the same one's time, expiry, password and parameters (SPEC 3). Of
 * several that are the same, the last one counts.
 */
export async function subscribeAll(
  wanted: readonly Wanted[],
  store: SubscriptionStore,
  now: Date,
): Promise<readonly Subscribed[]> {
  return await store.update(now, (live) => {
    const next = new Map<string, Subscription>(live.map((one) => [keyOf(one), one]))
    const passwords = new StoredPasswords(live)
    const result = wanted.map(({ event, socket, expire }): Subscribed => {
      const subscription = { event, socket: passwords.complete(socket, event), subscribedAt: now, expire }
      const key = keyOf(subscription)
      const renewed = next.has(key)
      next.set(key, subscription)
      passwords.add(subscription)
      return { subscription, renewed }
    })
    return { next: [...next.values()], result }
  })
}

function keyOf({ event, socket }: Wanted): string {
  return `${event} ${identityOf(socket)}`
}
