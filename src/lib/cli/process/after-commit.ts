import { reportError } from '#lib/cli/report-error.ts'
import { outliveReaders, say } from '#lib/terminal/output.ts'
import { outliveInterrupts } from './signals.ts'

/**
 * To be called when a change is in the store: from here on neither a signal nor an output that cannot be written ends evi
 * as if it were not, so that exit code 0 means that it is there, and any other that it is not.
 */
export function standByChange(): void {
  outliveInterrupts()
  let reported = false
  outliveReaders((error) => {
    // Once, as stderr itself may be what cannot be written.
    if (!reported) say(reportError(error, { json: false }).text)
    reported = true
  })
}
