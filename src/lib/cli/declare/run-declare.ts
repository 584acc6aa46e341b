import { type Context, timingOf } from '#lib/cli/context.ts'
import type { DeclareFlags } from '#lib/cli/flags/declare.ts'
import { settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { readHeaders } from '#lib/domain/event/message-headers.ts'
import { declare } from '#lib/services/declare/declare.ts'
import type { DeclareReport, LookReport } from '#lib/services/declare/declare-report.ts'
import type { Output } from '#lib/terminal/output.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { brokersWaitedFor } from '#lib/views/waited-for.ts'
import { confirmPlans } from './confirm-plans.ts'
import { declaredSockets } from './declared-sockets.ts'

interface DeclareInvocation {
  /** The socket or event of the command line. */
  readonly argument: string
  readonly flags: DeclareFlags
  readonly context: Context
  readonly err: Output
}

/** Declares what is missing, asking before, and says on a terminal what it waits for. @throws EviError */
export async function runDeclare({
  argument,
  flags,
  context,
  err,
}: DeclareInvocation): Promise<DeclareReport> {
  const { queue, type, 'exchange-type': exchangeType, header } = flags
  const timing = timingOf(await context.settings(settingsFrom(flags)))
  const sockets = await declaredSockets(argument, flags, { context, err })
  const options = { queue, type, exchangeType, headers: header && readHeaders(header) }
  using waiting = new WaitingLine(flags)
  const wait = () => waiting.start(() => brokersWaitedFor(sockets, timing.replyTimeout))
  wait()
  const confirm = async (look: LookReport) => {
    waiting.stop()
    await confirmPlans(look, { argument, flags, err })
    wait()
  }
  return await declare({ sockets, options, timing, confirm, begin: takeInterrupts }, await context.broker())
}
