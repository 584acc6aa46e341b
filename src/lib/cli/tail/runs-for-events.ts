import type { EventRuns, EventRunsListener } from '#lib/services/tail/runs/event-runs.ts'

interface ExecFlags {
  readonly exec?: string | undefined
  readonly jobs?: number | undefined
  readonly 'exec-timeout'?: number | undefined
}

interface Reporting {
  readonly listener: EventRunsListener
  /** Stops what runs. */
  readonly interrupted: AbortSignal
}

/** The runs that `--exec` asks for, loaded for it alone. @throws EviError `usage` for a command that cannot be run */
export async function runsForEvents(
  { exec, jobs = 1, 'exec-timeout': timeout }: ExecFlags,
  reporting: Reporting,
): Promise<EventRuns | undefined> {
  if (exec === undefined) return undefined
  const { splitWords } = await import('#lib/text/split-words.ts')
  const { eventRunner } = await import('#lib/cli/process/run-for-event.ts')
  const { EventRuns } = await import('#lib/services/tail/runs/event-runs.ts')
  return new EventRuns({ run: eventRunner(splitWords(exec, '--exec'), timeout), jobs, ...reporting })
}
