import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { isSame, type Subscription, type SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/** Which of an event's subscribers to remove. */
export type Target = { readonly socket: Socket } | 'only' | 'all'

/**
 * Removes an event's subscribers: the one of a socket, the only one, or all of them.
 *
 * @throws EviError `no-subscriber` when there is none such, `usage` when the only one is meant and there are several
 */
export async function unsubscribe(
  { event, target, now }: { event: string; target: Target; now: Date },
  store: SubscriptionStore,
): Promise<readonly Subscription[]> {
  // Looked at first, so that a missing one is reported without a write.
  choose(store.liveOf(event, now), event, target)
  return await store.update(now, (live) => {
    const removed = choose(live, event, target)
    const gone = new Set(removed)
    return { next: live.filter((subscription) => !gone.has(subscription)), result: removed }
  })
}

function choose(live: readonly Subscription[], event: string, target: Target): readonly Subscription[] {
  const subscribers = live.filter((subscription) => subscription.event === event)
  const chosen =
    typeof target === 'object' ? subscribers.filter((one) => isSame(one, event, target.socket)) : subscribers
  if (chosen.length === 0) {
    const message =
      typeof target === 'object'
        ? `${printSocket(target.socket)} is not subscribed to ${event}.`
        : `${event} has no subscribers.`
    throw new EviError('no-subscriber', message, {
      hint: `See what is subscribed: evi list${subscribers.length === 0 ? '' : ` ${shellWord(event)}`}`,
    })
  }
  if (target === 'only' && chosen.length > 1) {
    throw new EviError('usage', `${event} has ${chosen.length} subscribers.`, {
      hint: `Name the SOCKET of one, or remove them all with --all. See them: evi list ${shellWord(event)}`,
    })
  }
  return chosen
}
