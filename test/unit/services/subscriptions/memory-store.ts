import { isLive, type Subscription, type SubscriptionStore } from '#lib/domain/subscription/subscription.ts'

/** A store that keeps its subscriptions in memory and counts its writes. */
export class MemoryStore implements SubscriptionStore {
  subscriptions: readonly Subscription[]
  writes = 0

  constructor(...subscriptions: Subscription[]) {
    this.subscriptions = subscriptions
  }

  live(now: Date): Subscription[] {
    return this.subscriptions.filter((subscription) => isLive(subscription, now))
  }

  eachLive(now: Date): Iterable<Subscription> {
    return this.live(now)
  }

  liveOf(event: string, now: Date): Subscription[] {
    return this.live(now).filter((subscription) => subscription.event === event)
  }

  async update<T>(
    now: Date,
    change: (live: readonly Subscription[]) => { next: readonly Subscription[]; result: T },
  ): Promise<T> {
    const { next, result } = change(this.live(now))
    this.subscriptions = next
    this.writes++
    return result
  }
}
