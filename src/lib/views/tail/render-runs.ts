import type { EventRuns, EventRunsListener } from '#lib/services/tail/runs/event-runs.ts'
import type { Output } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** Milliseconds between two reports of failures, as each event may be one. */
const interval = 1000

/** Reports runs of --exec on stderr: the first failure, then once a second how many there were. */
export function runsReporter(err: Output, style: Style): EventRunsListener {
  let reportedAt = Number.NEGATIVE_INFINITY
  return {
    failed({ how }, failed) {
      if (performance.now() - reportedAt < interval) return
      reportedAt = performance.now()
      const all = failed === 1 ? '' : ` (${count(failed)} runs have failed so far)`
      err.write(`${style.marks.failed} The command of --exec ${how}${all}.\n`)
    },
    stuck() {
      err.write(
        `${style.marks.failed} The command of --exec has run for a minute, and events wait for it: --jobs N runs more at once, --exec-timeout TIME stops one.\n`,
      )
    },
  }
}

/** How many runs there were, and what became of them. */
export function renderRuns({ done, failed, left }: EventRuns['tally']): string {
  const parts = [
    `${done === 1 ? '1 run' : `${count(done)} runs`} of --exec`,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(left > 0 ? [`${left === 1 ? '1 event' : `${count(left)} events`} not done as evi was stopped`] : []),
  ]
  return `${parts.join(', ')}.`
}
