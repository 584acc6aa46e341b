import type { CheckReport } from '#lib/services/check/check.ts'
import { checkDocument } from '#lib/views/check/render-check.ts'

/** How `evi subscribe --check` shows a wiring that is cut; its steps were shown while they were checked. */
export function refusedView(event: string) {
  return {
    json: (report: CheckReport) => checkDocument(report, () => [event]),
    text: () => 'Nothing was stored.\n',
    to: 'err',
  } as const
}
