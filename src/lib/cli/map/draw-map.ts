import { checkSubscriptions } from '#lib/cli/check/check-sockets.ts'
import { type Context, timingOf } from '#lib/cli/context.ts'
import type { MapFlags } from '#lib/cli/flags/map.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { exitCodes, gravestExit } from '#lib/exit-codes.ts'
import type { CheckReport } from '#lib/services/check/check.ts'
import { mapWiring } from '#lib/services/map/wiring-map.ts'
import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { brokersWaitedFor, openSipsWaitedFor } from '#lib/views/waited-for.ts'

interface MapInvocation {
  readonly event: string | undefined
  readonly flags: MapFlags
  readonly settings: Settings
  readonly context: Context
}

interface DrawnMap {
  readonly roots: readonly WiringNode[]
  readonly exit: number
  /** Neither the store nor an OpenSIPS was there to draw. */
  readonly isEmpty: boolean
}

/** Draws the wiring of the subscriptions: by the store, with --check by the brokers, with --opensips from OpenSIPS on. */
export async function drawMap({ event, flags, settings, context }: MapInvocation): Promise<DrawnMap> {
  const live = (await context.subscriptions()).live(new Date())
  const subscriptions = live.filter((one) => event === undefined || one.event === event)
  const openSips = await context.openSips(flags.opensips, timingOf(settings))
  const { management } = flags
  using waiting = new WaitingLine(flags)
  waiting.start(() =>
    brokersWaitedFor(
      subscriptions.map(({ socket }) => socket),
      settings.timeout,
    ),
  )
  const report =
    flags.check || management !== undefined
      ? await checkSubscriptions(subscriptions, { context, settings, management })
      : undefined
  const roots = mapWiring(subscriptions, report)
  const exit = report === undefined ? 0 : exitOf(report)
  if (openSips === undefined) return { roots, exit, isEmpty: subscriptions.length === 0 }
  const { mapOpenSips } = await import('#lib/services/opensips/map-opensips.ts')
  const { AskingProgress } = await import('#lib/views/opensips/asking-progress.ts')
  const listener = new AskingProgress(waiting)
  waiting.start(() => openSipsWaitedFor(openSips, settings.timeout))
  const map = await mapOpenSips({ subscriptions, roots, event, listener }, openSips)
  return {
    roots: map.roots,
    exit: map.failure === undefined ? exit : exitCodes[map.failure],
    isEmpty: false,
  }
}

/** A cut is part of the picture; what could not be looked at is missing from it. */
function exitOf({ checks }: CheckReport): number {
  const steps = checks.flatMap((one) => one.steps)
  return gravestExit(steps.flatMap(({ status, code }) => (status === 'unknown' && code) || []))
}
