import { readNotification } from '#lib/domain/event/notification.ts'
import { readRaiseParams } from '#lib/domain/opensips/raise-params.ts'
import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { managementFinder } from '#lib/services/check/management-finder.ts'
import { type RaiseByOpenSipsReport, raiseByOpenSips } from '#lib/services/opensips/raise-by-opensips.ts'
import type { Output } from '#lib/terminal/output.ts'
import { canAsk, confirm } from '#lib/terminal/prompts/prompts.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { AskingProgress } from '#lib/views/opensips/asking-progress.ts'
import { type Context, timingOf } from './context.ts'

export interface RaiseByOpenSipsOptions {
  readonly event: string
  /** The notification as evi would publish it. */
  readonly payload: string
  readonly flags: Readonly<Record<string, unknown>> & {
    readonly opensips?: string | undefined
    readonly management?: readonly URL[] | undefined
    readonly yes: boolean
  }
  readonly settings: Settings
  readonly given: readonly Socket[] | undefined
  readonly context: Context
  readonly err: Output
}

/** Has OpenSIPS raise the event. @throws EviError `interrupted` where a person says no */
export async function raiseThroughOpenSips(options: RaiseByOpenSipsOptions): Promise<RaiseByOpenSipsReport> {
  const { event, payload, flags, settings, given, context, err } = options
  const timing = timingOf(settings)
  const openSips = await context.openSips(flags.opensips, timing)
  if (openSips === undefined) throw new EviError('usage', 'There is no OpenSIPS to raise it: --opensips URL')
  const stored = (await context.subscriptions()).live(new Date()).map(({ socket }) => socket)
  const find = managementFinder(flags.management, context.managementOpener(timing.replyTimeout))
  const report = await raiseByOpenSips(
    {
      event,
      params: readRaiseParams(paramsOf(payload)),
      known: [...(given ?? []), ...stored],
      timing,
      findManagement: find ?? (async () => undefined),
      listener: new AskingProgress(),
      confirm: async (subscribers) => flags.yes || !canAsk() || (await confirmed(event, subscribers, err)),
    },
    { openSips, broker: await context.broker() },
  )
  if (report === undefined) throw new EviError('interrupted', 'Not raised.')
  return report
}

async function confirmed(event: string, subscribers: readonly Subscriber[], err: Output): Promise<boolean> {
  const lines = subscribers.map(({ printed }) => `  ${visibleLine(printed)}\n`)
  err.write(
    `OpenSIPS sends ${visibleLine(event)} to all of these, and to their consumers:\n${lines.join('')}`,
  )
  return await confirm('Raise it?')
}

/** The params of a notification that evi has built, as text. */
function paramsOf(payload: string): string | undefined {
  const start = payload.indexOf(',"params":')
  return readNotification(payload) === undefined || start < 0 ? undefined : payload.slice(start + 10, -1)
}
