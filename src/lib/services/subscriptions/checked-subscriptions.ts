import { wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { CheckReport, SocketCheck } from '#lib/services/check/check.ts'

export interface CheckedSubscription {
  readonly subscription: Subscription
  readonly check: SocketCheck
}

/** The subscriptions in their order, each with what was found of its socket. @param report of a check of all of them */
export function withChecks(
  subscriptions: readonly Subscription[],
  { checks }: CheckReport,
): readonly CheckedSubscription[] {
  const byKey = new Map(checks.map((check) => [wiringKeyOf(check.socket), check]))
  return subscriptions.map((subscription) => ({
    subscription,
    check: byKey.get(wiringKeyOf(subscription.socket)) as SocketCheck,
  }))
}
