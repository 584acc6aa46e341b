import { type Context, timingOf } from '#lib/cli/context.ts'
import { finderIn } from '#lib/cli/find-management.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import {
  type CheckListener,
  type CheckReport,
  check,
  planCheck,
  silentListener,
  type Wiring,
} from '#lib/services/check/check.ts'
import { judgesForOneLook } from '#lib/services/check/judges.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { distinctSockets } from '#lib/services/subscriptions/select-sockets.ts'

export interface CheckSocketsOptions {
  readonly context: Context
  readonly settings: Settings
  readonly findManagement: ManagementFinder | undefined
  /** Sent to each socket whose wiring is whole; nothing is published without it. */
  readonly probe?: Buffer | undefined
  readonly isLoginOnly?: boolean | undefined
  /** Makes what hears of the steps, by the brokers that are checked. */
  readonly listener: (plan: readonly Wiring[]) => CheckListener
}

/** Checks the wiring of sockets with the adapters of a context. */
export async function checkSockets(
  sockets: readonly Socket[],
  { context, settings, findManagement, probe, isLoginOnly, listener }: CheckSocketsOptions,
): Promise<CheckReport> {
  const plan = planCheck(sockets)
  const timing = timingOf(settings)
  const request = {
    plan,
    timing,
    probe,
    ...judgesForOneLook(findManagement, timing.replyTimeout),
    listener: listener(plan),
    isLoginOnly,
  }
  return await check(request, await context.broker())
}

interface CheckSubscriptionsOptions extends Pick<CheckSocketsOptions, 'context' | 'settings'> {
  /** Where the management APIs are, as the flag says it. */
  readonly management: readonly URL[] | undefined
}

/** Checks the wiring of subscriptions, each socket once, without a word about its steps. */
export async function checkSubscriptions(
  subscriptions: readonly Subscription[],
  { context, settings, management }: CheckSubscriptionsOptions,
): Promise<CheckReport> {
  const sockets = distinctSockets(
    subscriptions.map(({ socket }) => socket),
    wiringKeyOf,
  )
  const findManagement = await finderIn(context, { settings, management })
  return await checkSockets(sockets, { context, settings, findManagement, listener: () => silentListener })
}
