import type { CheckReport, SocketCheck } from './check.ts'
import type { CheckStep } from './steps.ts'

/** What a check says of a subscription as a whole; `unknown`: part of its wiring could not be looked at. */
export type Verdict = 'passed' | 'warning' | 'unknown' | 'failed'

/** The worst of the steps. */
export function verdictOf(steps: readonly Pick<CheckStep, 'status'>[]): Verdict {
  const has = (...statuses: readonly CheckStep['status'][]) =>
    steps.some(({ status }) => statuses.includes(status))
  if (has('failed')) return 'failed'
  if (has('warning')) return 'warning'
  return has('unknown', 'hidden') ? 'unknown' : 'passed'
}

/** The step that the verdict is for; undefined where all passed. */
export function decisiveStep(steps: readonly CheckStep[]): CheckStep | undefined {
  const verdict = verdictOf(steps)
  return steps.find(({ status }) => status !== 'passed' && verdictOf([{ status }]) === verdict)
}

/** The report with what is broken only; its counts and exit code are still those of all. */
export function onlyFailed(report: CheckReport): CheckReport {
  return { ...report, checks: report.checks.filter(isBroken) }
}

/** Whether an event would not arrive. */
function isBroken({ failure }: SocketCheck): boolean {
  return failure !== undefined
}
