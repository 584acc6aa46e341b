import type { CheckFlags } from '#lib/cli/flags/check.ts'
import { writeMetrics } from '#lib/files/metrics-file.ts'
import { silentListener } from '#lib/services/check/check.ts'
import { onlyFailed } from '#lib/services/check/verdict.ts'
import type { Output } from '#lib/terminal/output.ts'
import type { StatusLine } from '#lib/terminal/status-line.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'
import { renderSummary } from '#lib/views/check/check-summary.ts'
import { prometheusText } from '#lib/views/check/prometheus.ts'
import { type CheckLook, checkDocument } from '#lib/views/check/render-check.ts'
import type { CheckInvocation } from './check-invocation.ts'
import { type Look, look } from './look.ts'

/** Where a look is shown. */
export interface Screen {
  readonly out: Output
  /** Gets the text of a look, piece by piece. */
  readonly print: (text: string) => void
  /** Shows what is being checked just now. */
  readonly status: StatusLine
}

/** Looks at the wiring once, shows the steps while they are done and then the result. @returns the exit code */
export async function showLook(invocation: CheckInvocation, screen: Screen): Promise<number> {
  const { flags } = invocation
  const seen = flags.json
    ? await look(invocation, { onSide() {}, listener: () => silentListener })
    : await lookInSight(invocation, screen)
  // Before it is shown: a pipe that is closed ends evi with this code.
  process.exitCode = seen.exit
  if (!flags.json) screen.print(ending(seen, flags, screen))
  const { report, eventsOf, exit, ended, duration } = seen
  if (flags.prometheus !== undefined)
    writeMetrics(flags.prometheus, prometheusText({ ...report, exit }, eventsOf, { ended, duration }))
  // After the metrics, as an error is a document of its own.
  if (flags.json) screen.out.writeJson(documentOf(seen, flags))
  return exit
}

/** A look whose steps are shown as text. */
async function lookInSight(invocation: CheckInvocation, { out, print, status }: Screen): Promise<Look> {
  const { flags } = invocation
  const shown = { detail: detailOf(flags), isLoginOnly: flags.login, style: out.style(), print, status }
  return await look(invocation, {
    onSide: (side) => print(`${side.text(shown.style)}\n`),
    listener: (plan, eventsOf) => new CheckDisplay({ ...shown, plan, eventsOf }),
  })
}

function detailOf({ failed, verbose }: CheckFlags): CheckLook['detail'] {
  if (failed) return 'failed'
  return verbose ? 'steps' : 'folded'
}

function documentOf({ report, eventsOf, side, ended }: Look, { failed, watch }: CheckFlags): object {
  const time = watch === undefined ? {} : { time: ended.toISOString() }
  return { ...time, ...checkDocument(failed ? onlyFailed(report) : report, eventsOf), ...side?.document }
}

/** The summary, set off from the steps where any are shown. */
function ending({ report, eventsOf, side }: Look, { failed, login }: CheckFlags, { out }: Screen): string {
  const openSipsFailures = side?.failures.length ?? 0
  const summary = renderSummary(report, {
    eventsOf,
    openSipsFailures,
    isLoginOnly: login,
    style: out.style(),
  })
  const isAlone = failed && !side && report.failed === 0
  return isAlone ? summary : `\n${summary}`
}
