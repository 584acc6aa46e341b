import { timingOf } from '#lib/cli/context.ts'
import { finderIn } from '#lib/cli/find-management.ts'
import { givenSockets } from '#lib/cli/flags/shared/socket.ts'
import { readNotification } from '#lib/domain/event/notification.ts'
import { readRaiseParams } from '#lib/domain/opensips/raise-params.ts'
import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { EviError } from '#lib/errors.ts'
import type { AskingListener } from '#lib/services/opensips/asking.ts'
import { type RaiseByOpenSipsReport, raiseByOpenSips } from '#lib/services/opensips/raise-by-opensips.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import type { Output } from '#lib/terminal/output.ts'
import { confirm } from '#lib/terminal/prompts/prompts.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { AskingProgress } from '#lib/views/opensips/asking-progress.ts'
import { arrivalWaitedFor, openSipsWaitedFor, placesWaitedFor } from '#lib/views/waited-for.ts'
import type { RaiseInvocation } from './raise-invocation.ts'

/**
 * Has OpenSIPS raise the event; evi publishes nothing itself.
 *
 * @param payload the notification as evi would publish it
 * @throws EviError `interrupted` where a person says no
 */
export async function raiseThroughOpenSips(
  payload: string,
  { event, flags, settings, context, err }: RaiseInvocation,
): Promise<RaiseByOpenSipsReport> {
  const timing = timingOf(settings)
  const given = await givenSockets(flags, err)
  const openSips = await context.openSips(flags.opensips, timing)
  if (openSips === undefined) throw new EviError('usage', 'There is no OpenSIPS to raise it: --opensips URL')
  const stored = (await context.subscriptions()).live(new Date()).map(({ socket }) => socket)
  const find = await finderIn(context, { settings, management: flags.management })
  const params = readRaiseParams(paramsOf(payload))
  const broker = await context.broker()
  const { replyTimeout } = timing
  using waiting = new WaitingLine(flags)
  waiting.start(() => openSipsWaitedFor(openSips, replyTimeout))
  const report = await raiseByOpenSips(
    {
      event,
      params,
      known: [...(given ?? []), ...stored],
      timing,
      findManagement: find ?? (async () => undefined),
      listener: askingBefore(waiting, () => placesWaitedFor(replyTimeout)),
      confirm: async (subscribers) => {
        waiting.stop()
        if (!flags.yes && canAsk() && !(await confirmed(event, subscribers, err))) return false
        waiting.start(() => arrivalWaitedFor(event, replyTimeout))
        return true
      },
    },
    { openSips, broker },
  )
  if (report === undefined) throw new EviError('interrupted', 'Not raised.')
  return report
}

/** Shows how far the asking is, and says what is waited for after it. */
function askingBefore(waiting: WaitingLine, next: () => string): AskingListener {
  const progress = new AskingProgress(waiting)
  return {
    onStart: async (total) => await progress.onStart(total),
    onDone: () => progress.onDone(),
    onEnd: () => {
      progress.onEnd()
      waiting.start(next)
    },
  }
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
