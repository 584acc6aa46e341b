import type { Group } from './rig.ts'
import { isMet, median, type Row, ratioOf, type Target } from './row.ts'

/** A group with what was measured for it. */
export interface Result {
  readonly group: Group
  readonly rows: readonly Row[]
}

export interface Report {
  readonly results: readonly Result[]
  /** The command that made it. */
  readonly command: string
  readonly date: Date
  /** What it was measured on. */
  readonly facts: readonly string[]
}

/** The report as Markdown; `chart` names the picture beside it, if there is one. */
export function renderReport({ results, command, date, facts }: Report, chart?: string): string {
  return [
    '# Benchmarks',
    `Made by \`${command}\` on ${date.toISOString().slice(0, 10)}, not written by hand. Each ratio is the median of the ratios of the rounds: evi's ` +
      'number divided by that of what it is compared with, measured in turn (A B A B …) in one run; beside it the lowest ' +
      'and the highest ratio of a round.',
    ...(chart ? [`![Each ratio with its target](${chart})`] : []),
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...results.map(renderResult),
    '',
  ].join('\n\n')
}

function renderResult({ group, rows }: Result): string {
  const header =
    '| what | against | target | ratio | lowest–highest | rounds | medians | |\n|---|---|---|---|---|---|---|---|'
  return [`## ${group.name}`, group.method, [header, ...rows.map(renderRow)].join('\n')].join('\n\n')
}

function renderRow(row: Row): string {
  const ratio = ratioOf(row)
  const bound = row.target ? renderTarget(row.target) : ''
  const measured = ratio
    ? [
        `**${renderRatio(ratio.median)}**`,
        `${renderRatio(ratio.lowest)}–${renderRatio(ratio.highest)}`,
        row.measured.length,
        `${renderValue(median(row.measured), row)} : ${renderValue(median(row.reference), row)}`,
      ]
    : ['', '', '', row.missing ?? '']
  return `| ${[row.what, row.against, bound, ...measured, mark(row)].join(' | ')} |`
}

export function renderTarget(target: Target): string {
  return 'atMost' in target ? `≤ ${target.atMost.toFixed(1)}` : `≥ ${target.atLeast.toFixed(1)}`
}

export function renderRatio(ratio: number): string {
  return ratio.toFixed(2)
}

/** Whether the target is met. */
export function mark(row: Row): string {
  const met = isMet(row)
  if (met === undefined) return ''
  return met ? '✔' : '✖'
}

function renderValue(value: number, { unit }: Row): string {
  const digits = value < 100 ? 1 : 0
  const text = value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`
}
