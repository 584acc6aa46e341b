import { type Context, timingOf } from '#lib/cli/context.ts'
import type { CheckFlags } from '#lib/cli/flags/check.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { checkOpenSips, type Expected } from '#lib/services/opensips/check-opensips.ts'
import type { Style } from '#lib/terminal/style.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { AskingProgress } from '#lib/views/opensips/asking-progress.ts'
import { openSipsCheckDocument, renderOpenSipsCheck } from '#lib/views/opensips/render-opensips-check.ts'
import { openSipsWaitedFor } from '#lib/views/waited-for.ts'

/** OpenSIPS's side of the wire, as a command shows it. */
export interface OpenSipsSide {
  readonly failures: readonly ErrorCode[]
  readonly text: (style: Style) => string
  /** To be part of the report. */
  readonly document: { readonly opensips: object }
}

interface Look {
  readonly openSips: OpenSips
  readonly expected: readonly Expected[]
  readonly settings: Settings
  readonly findManagement: ManagementFinder | undefined
  readonly context: Context
  /** Those of the command. */
  readonly flags: CheckFlags
}

/** Follows the way from OpenSIPS to each of the sockets. */
export async function lookAtOpenSips({
  openSips,
  expected,
  settings,
  findManagement,
  context,
  flags,
}: Look): Promise<OpenSipsSide> {
  const timing = timingOf(settings)
  const broker = await context.broker()
  // With --watch only the last look stays on the terminal.
  const { json, quiet, watch } = flags
  using waiting = new WaitingLine({ json, quiet: quiet || watch !== undefined })
  waiting.start(() => openSipsWaitedFor(openSips, timing.replyTimeout))
  const listener = new AskingProgress(waiting)
  const side = await checkOpenSips({ expected, timing, findManagement, listener }, { openSips, broker })
  return {
    failures: side.failures,
    text: (style) => renderOpenSipsCheck(side, style),
    document: { opensips: openSipsCheckDocument(side) },
  }
}
