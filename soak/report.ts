import type { Outcome, Scenario } from './scenario.ts'

/** A scenario with what came of it. */
export interface Result {
  readonly scenario: Scenario
  /** The argv of why it could not be carried through, where that is so. */
  readonly outcome: Outcome | string
  readonly seconds: number
}

export interface Report {
  readonly results: readonly Result[]
  /** The command that made it. */
  readonly command: string
  readonly seed: number
  readonly date: Date
  /** What it ran on. */
  readonly facts: readonly string[]
}

/** Every scenario was carried through, and every promise kept. */
export function allKept({ results }: Report): boolean {
  return results.every(isKept)
}

/** Nothing is lost, and nothing else broke the promise. */
export function isKept(result: Result): boolean {
  return reasonsOf(result).length === 0
}

/** How the promise was broken, a sentence each. */
export function reasonsOf({ outcome }: Result): readonly string[] {
  if (typeof outcome === 'string') return [outcome]
  const { lost, complaints } = outcome
  return [...(lost > 0 ? [`${lost.toLocaleString('en')} events are lost.`] : []), ...complaints]
}

/** The report as Markdown. */
export function renderReport({ results, command, seed, date, facts }: Report): string {
  const header =
    '| scenario | events | faults | lost | duplicated | seconds | |\n|---|---|---|---|---|---|---|'
  return [
    '# Soak',
    `Made by \`${command}\` on ${date.toISOString().slice(0, 10)} with the seed ${seed}, not written by hand. Each event ` +
      'has a number, which is looked for at the consumer. Lost is what is nowhere; duplicated are arrivals beyond the ' +
      'first, which "at least once" allows.',
    facts.map((fact) => `- ${fact}`).join('\n'),
    [header, ...results.map(renderRow)].join('\n'),
    ...results.map(renderResult),
    '',
  ].join('\n\n')
}

/** The report as a document for programs. */
export function reportDocument(report: Report): object {
  const { results, command, seed, date, facts } = report
  return {
    command,
    seed,
    date: date.toISOString(),
    facts,
    kept: allKept(report),
    scenarios: results.map((result) => ({
      name: result.scenario.name,
      kept: isKept(result),
      seconds: round(result.seconds),
      ...(typeof result.outcome === 'string' ? { error: result.outcome } : result.outcome),
    })),
  }
}

function renderRow(result: Result): string {
  const { scenario, outcome, seconds } = result
  const numbers =
    typeof outcome === 'string'
      ? ['', '', '', '']
      : [outcome.events, outcome.faults, outcome.lost, outcome.duplicated].map((n) => n.toLocaleString('en'))
  return `| ${[scenario.name, ...numbers, round(seconds), isKept(result) ? '✔' : '✖'].join(' | ')} |`
}

function renderResult(result: Result): string {
  const { scenario, outcome } = result
  const notes = [...reasonsOf(result), ...(typeof outcome === 'string' ? [] : outcome.notes)]
  return [`## ${scenario.name}`, scenario.promise, notes.map((note) => `- ${note}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n')
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
