import { type Context, timingOf } from '#lib/cli/context.ts'
import { finderIn } from '#lib/cli/find-management.ts'
import { modeOf, type TailFlags } from '#lib/cli/flags/tail.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { peekQueues } from '#lib/services/peek/peek.ts'
import type { EventRuns } from '#lib/services/tail/runs/event-runs.ts'
import { tail } from '#lib/services/tail/tail.ts'
import type { SubscribedSocket } from '#lib/services/tail/tail-request.ts'
import type { TailSession } from '#lib/services/tail/tail-session.ts'
import type { TailDisplay } from '#lib/views/tail/tail-display.ts'

interface Watching {
  readonly sockets: readonly SubscribedSocket[]
  readonly session: TailSession
  readonly display: TailDisplay
  readonly runs: EventRuns | undefined
  readonly flags: TailFlags
  readonly settings: Settings
  readonly context: Context
}

/** Watches the sockets, or with --peek looks into their queues, until the session has enough. @returns the exit code @throws EviError */
export async function watch({
  sockets,
  session,
  display,
  runs,
  flags,
  settings,
  context,
}: Watching): Promise<number> {
  const broker = await context.broker()
  const shared = { timing: timingOf(settings), signal: session.signal, listener: display }
  if (flags.peek) {
    const queues = sockets.map(({ socket }) => socket)
    const request = { ...shared, sockets: queues, count: flags.count }
    return await peekQueues(request, broker).finally(() => display.summarize())
  }
  const { 'binding-key': bindingKey, strict } = flags
  // With a budget of its own each time, as a tail may look again after days.
  const findManagement: ManagementFinder = async (socket, connection) =>
    await (await finderIn(context, { settings, management: flags.management }))?.(socket, connection)
  try {
    const prefetch = runs && 2 * runs.jobs
    const request = { ...shared, sockets, bindingKey, mode: modeOf(flags), strict, findManagement, prefetch }
    await tail(request, broker)
    return 0
  } catch (error) {
    session.stop()
    throw error
  } finally {
    await display.summarize()
  }
}
