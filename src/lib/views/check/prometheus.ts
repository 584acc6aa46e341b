import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { CheckReport } from '#lib/services/check/check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import type { EventsOf } from './render-check.ts'

export interface CheckTimes {
  readonly ended: Date
  /** Milliseconds. */
  readonly duration: number
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [Labels, number]

/** A check as metrics in the text format of Prometheus. */
export function prometheusText(
  report: CheckReport,
  eventsOf: EventsOf,
  { ended, duration }: CheckTimes,
): string {
  const steps = report.checks.flatMap(({ socket, steps }) =>
    steps.map((step) => ({ step, labels: { ...labelsOf(socket), step: step.step, host: step.host ?? '' } })),
  )
  return [
    metric('evi_check_up', 'Whether an event would arrive at this subscriber: 1 if it would.', [
      ...report.checks.flatMap(({ socket, failure }) =>
        eventNames(socket, eventsOf).map(
          (event): Sample => [{ ...labelsOf(socket), event }, failure ? 0 : 1],
        ),
      ),
    ]),
    metric(
      'evi_check_step_passed',
      'Whether this step to a subscriber passed: 1 if it did, 0.5 for what could not be known or is a warning, 0 if not.',
      steps.map(({ step, labels }): Sample => [labels, weightOf(step)]),
    ),
    metric(
      'evi_check_step_seconds',
      'How long this step took.',
      steps.flatMap(({ step, labels }): Sample[] =>
        step.ms === undefined ? [] : [[labels, step.ms / 1000]],
      ),
    ),
    metric('evi_check_exit_code', 'The exit code of evi check: 0 if all subscribers are reached.', [
      [{}, report.exit],
    ]),
    metric('evi_check_duration_seconds', 'How long the check took.', [[{}, duration / 1000]]),
    metric('evi_check_timestamp_seconds', 'When the check ended, in Unix time.', [
      [{}, ended.getTime() / 1000],
    ]),
  ].join('')
}

function labelsOf(socket: Socket): Labels {
  return { socket: printSocket(socket) }
}

/** A socket that is checked without a subscription has the empty one. */
function eventNames(socket: Socket, eventsOf: EventsOf): readonly string[] {
  const events = eventsOf(socket)
  return events.length === 0 ? [''] : events
}

function weightOf({ status }: CheckStep): number {
  if (status === 'passed') return 1
  return status === 'failed' ? 0 : 0.5
}

function metric(name: string, help: string, samples: readonly Sample[]): string {
  const byLabels = new Map<string, number>()
  // The node exporter refuses a file with two values of one metric: of these the worse one counts.
  for (const [labels, value] of samples) {
    const key = printLabels(labels)
    byLabels.set(key, Math.min(value, byLabels.get(key) ?? value))
  }
  const lines = [...byLabels].map(([labels, value]) => `${name}${labels} ${Number(value.toFixed(6))}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function printLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** As the format has it in a label's value. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
