import { defaultPassword, identityOf, type Password, type Socket } from '#lib/domain/socket/socket.ts'
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
  /** For a socket that names no password, if the subscription is new. */
  readonly passwordIfNew?: Password | undefined
}

export interface Subscribed {
  readonly subscription: Subscription
  /** It was there already. */
  readonly renewed: boolean
  readonly password: PasswordOutcome
}

/** `kept`, `changed`: of one that was there; `given`, `defaulted`, or `none` for a login by certificate: of a new one. */
export type PasswordOutcome = 'kept' | 'changed' | 'given' | 'defaulted' | 'none'

/** Adds one subscription, or renews it. */
export async function subscribe(
  { now, ...wanted }: Wanted & { readonly now: Date },
  store: SubscriptionStore,
): Promise<Subscribed> {
  const [subscribed] = await subscribeAll([wanted], store, now)
  return subscribed as Subscribed
}

/**
 * Adds the subscriptions, in one write, or renews the same one's time, expiry and parameters, and its password if the
 * socket names one. Of several that are the same, the last one counts.
 */
export async function subscribeAll(
  wanted: readonly Wanted[],
  store: SubscriptionStore,
  now: Date,
): Promise<readonly Subscribed[]> {
  return await store.update(now, (live) => addAll(wanted, live, now))
}

/** What is stored once the subscriptions are added to those that are live, as `subscribeAll` does. */
export function addAll(
  wanted: readonly Wanted[],
  live: readonly Subscription[],
  now: Date,
): { readonly next: readonly Subscription[]; readonly result: readonly Subscribed[] } {
  const next = [...live]
  const places = placesOf(live, new Set(wanted.map(({ event }) => event)))
  const passwords = new StoredPasswords(live)
  const result = wanted.map(({ event, socket: named, expire, passwordIfNew }): Subscribed => {
    const key = keyOf({ event, socket: named })
    const place = places.get(key) ?? next.length
    const before = next[place]
    const socket = before
      ? withPassword(named, before.socket.password)
      : passwords.complete(withPassword(named, passwordIfNew), event)
    const subscription = { event, socket, subscribedAt: now, expire }
    next[place] = subscription
    places.set(key, place)
    passwords.add(subscription)
    return { subscription, renewed: before !== undefined, password: outcomeOf(socket, before?.socket) }
  })
  return { next, result }
}

/** The socket, with that password where it names none; most of a large batch are kept as they are. */
function withPassword(socket: Socket, password: Password | undefined): Socket {
  return socket.password !== undefined || password === undefined ? socket : { ...socket, password }
}

/** Where the subscriptions of these events are, by their keys; the others are not looked at. */
function placesOf(live: readonly Subscription[], events: ReadonlySet<string>): Map<string, number> {
  const places = new Map<string, number>()
  for (const [place, one] of live.entries()) if (events.has(one.event)) places.set(keyOf(one), place)
  return places
}

function outcomeOf(now: Socket, before: Socket | undefined): PasswordOutcome {
  if (before) return isSamePassword(now.password, before.password) ? 'kept' : 'changed'
  if (now.password !== undefined) return 'given'
  return now.anonymous ? 'none' : 'defaulted'
}

/** Whether two passwords are the same one: the same text, or the same variable; the default where none is given. */
export function isSamePassword(one: Password = defaultPassword, other: Password = defaultPassword): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Equal for what is the same subscriber of the same event. */
export function keyOf({ event, socket }: Pick<Wanted, 'event' | 'socket'>): string {
  return `${event} ${identityOf(socket)}`
}
