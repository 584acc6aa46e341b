import type { Socket } from '../domain/socket.ts'
import {
  isSame,
  type Subscription,
  type SubscriptionStore,
  withStoredPassword,
} from '../domain/subscription.ts'

export interface SubscribeRequest {
  readonly event: string
  readonly socket: Socket
  /** Seconds, or null for ever. */
  readonly expire: number | null
  readonly now: Date
}

/** Adds the subscription, or renews the same one's time, expiry, password and parameters (SPEC 3). */
export async function subscribe(
  { event, socket, expire, now }: SubscribeRequest,
  store: SubscriptionStore,
): Promise<{ subscription: Subscription; renewed: boolean }> {
  return await store.update(now, (live) => {
    const subscription = { event, socket: withStoredPassword(socket, live, event), subscribedAt: now, expire }
    const place = live.findIndex((one) => isSame(one, event, socket))
    const next = place < 0 ? [...live, subscription] : live.with(place, subscription)
    return { next, result: { subscription, renewed: place >= 0 } }
  })
}
