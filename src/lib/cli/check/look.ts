import { timingOf } from '#lib/cli/context.ts'
import { finderIn } from '#lib/cli/find-management.ts'
import { probeEvent } from '#lib/cli/flags/check.ts'
import { buildNotification } from '#lib/domain/event/notification.ts'
import { connectionKeyOf, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { gravestExit } from '#lib/exit-codes.ts'
import type { CheckListener, CheckReport, Wiring } from '#lib/services/check/check.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import type { EventsOf } from '#lib/views/check/render-check.ts'
import type { CheckInvocation } from './check-invocation.ts'
import type { OpenSipsSide } from './check-opensips.ts'
import { checkSockets } from './check-sockets.ts'
import { chooseSockets, eventsIn } from './choose-sockets.ts'

interface LookListener {
  /** Gets OpenSIPS's side before the brokers are checked. */
  readonly onSide: (side: OpenSipsSide) => void
  /** Makes what is called with each step of the check. */
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

/** Looks at the wiring once: at OpenSIPS where one is known, and at the brokers. @throws EviError `usage`, `no-subscriber` */
export async function look(invocation: CheckInvocation, { onSide, listener }: LookListener): Promise<Look> {
  const { event, given, flags, settings, context } = invocation
  const { management, login: isLoginOnly } = flags
  const live = (await context.subscriptions()).live(new Date())
  const sockets = chooseSockets(live, { event, given, isLoginOnly })
  const eventsOf = eventsIn(live, isLoginOnly ? connectionKeyOf : wiringKeyOf)
  const findManagement = await finderIn(context, { settings, management })
  const side = isLoginOnly ? undefined : await openSipsSide(invocation, { live, sockets, findManagement })
  if (side) onSide(side)
  const start = performance.now()
  const report = await checkSockets(sockets, {
    context,
    settings,
    findManagement,
    probe: flags.probe ? probeNotification() : undefined,
    listener: (plan) => listener(plan, eventsOf),
    isLoginOnly,
  })
  const failures = [...report.checks.flatMap(({ failure }) => failure ?? []), ...(side?.failures ?? [])]
  const duration = performance.now() - start
  return { report, eventsOf, side, exit: gravestExit(failures), ended: new Date(), duration }
}

function probeNotification(): Buffer {
  return Buffer.from(buildNotification(probeEvent, { named: [], unnamed: [], whole: undefined }))
}

interface Expectation {
  readonly live: readonly Subscription[]
  readonly sockets: readonly Socket[]
  readonly findManagement: ManagementFinder | undefined
}

/** OpenSIPS's side of the wire; undefined where no OpenSIPS is known. */
async function openSipsSide(
  { context, settings, event, flags }: CheckInvocation,
  { live, sockets, findManagement }: Expectation,
): Promise<OpenSipsSide | undefined> {
  const openSips = await context.openSips(flags.opensips, timingOf(settings))
  if (openSips === undefined) return undefined
  const { lookAtOpenSips } = await import('./check-opensips.ts')
  const subscribed = live.filter((one) => event === undefined || one.event === event)
  const isGiven = flags.socket !== undefined
  const expected = isGiven ? sockets.map((socket) => ({ event: undefined, socket })) : subscribed
  return await lookAtOpenSips({ openSips, expected, settings, findManagement, context, flags })
}
