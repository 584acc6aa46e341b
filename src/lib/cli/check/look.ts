import { type Context, timingOf } from '#lib/cli/context.ts'
import { finderIn } from '#lib/cli/find-management.ts'
import { buildNotification } from '#lib/domain/event/notification.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { connectionKeyOf, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { gravestExit } from '#lib/exit-codes.ts'
import type { CheckListener, CheckReport, Wiring } from '#lib/services/check/check.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import type { EventsOf } from '#lib/views/check/render-check.ts'
import type { OpenSipsSide } from './check-opensips.ts'
import { checkSockets } from './check-sockets.ts'
import { eventsIn } from './choose-sockets.ts'

export const probeEvent = 'E_EVI_PROBE'

export interface LookOptions {
  readonly context: Context
  readonly settings: Settings
  readonly event: string | undefined
  /** Whether the sockets are given, and not those of the subscribers. */
  readonly isGiven: boolean
  readonly management: readonly URL[] | undefined
  readonly openSips: string | undefined
  readonly probe: boolean
  /** Looks no further than the login. */
  readonly isLoginOnly: boolean
  readonly choose: (live: readonly Subscription[]) => readonly Socket[]
  /** Hears of OpenSIPS's side before the brokers are checked. */
  readonly onSide: (side: OpenSipsSide) => void
  readonly listener: (plan: readonly Wiring[], eventsOf: EventsOf) => CheckListener
}

/** What one look at the wiring found. */
export interface Look {
  readonly report: CheckReport
  readonly eventsOf: EventsOf
  readonly side: OpenSipsSide | undefined
  readonly exit: number
  readonly ended: Date
  /** Milliseconds. */
  readonly duration: number
}

/** Looks at the wiring once: at OpenSIPS where one is known, and at the brokers. */
export async function look(options: LookOptions): Promise<Look> {
  const { context, settings, management } = options
  const live = (await context.subscriptions()).live(new Date())
  const sockets = options.choose(live)
  const eventsOf = eventsIn(live, options.isLoginOnly ? connectionKeyOf : wiringKeyOf)
  const findManagement = await finderIn(context, { settings, management })
  const side = options.isLoginOnly
    ? undefined
    : await lookAtOpenSips(live, { ...options, sockets, findManagement })
  if (side) options.onSide(side)
  const start = performance.now()
  const report = await checkSockets(sockets, {
    context,
    settings,
    findManagement,
    probe: options.probe
      ? Buffer.from(buildNotification(probeEvent, { named: [], unnamed: [], whole: undefined }))
      : undefined,
    listener: (plan) => options.listener(plan, eventsOf),
    isLoginOnly: options.isLoginOnly,
  })
  const failures = [...report.checks.flatMap(({ failure }) => failure ?? []), ...(side?.failures ?? [])]
  const duration = performance.now() - start
  return { report, eventsOf, side, exit: gravestExit(failures), ended: new Date(), duration }
}

interface OpenSipsLook extends LookOptions {
  readonly sockets: readonly Socket[]
  readonly findManagement: ManagementFinder | undefined
}

/** OpenSIPS's side of the wire; undefined where none is given. */
async function lookAtOpenSips(
  live: readonly Subscription[],
  { context, settings, event, isGiven, openSips: flag, sockets, findManagement }: OpenSipsLook,
): Promise<OpenSipsSide | undefined> {
  const openSips = await context.openSips(flag, timingOf(settings))
  if (openSips === undefined) return undefined
  const { lookAtOpenSips } = await import('./check-opensips.ts')
  const subscribed = live.filter((one) => event === undefined || one.event === event)
  const expected = isGiven ? sockets.map((socket) => ({ event: undefined, socket })) : subscribed
  return await lookAtOpenSips({ openSips, expected, settings, findManagement, context })
}
