import { renderTable } from '#lib/text/layout/table.ts'
import { commandGroups } from './command-groups.ts'

/** A command or a topic. */
export interface Entry {
  readonly name: string
  readonly summary: string
}

/** From nothing to the first event, and what to do when it does not arrive. */
const examples = [
  ['evi setup', 'subscribe, and see a test event arrive'],
  ['evi raise E_PIKE_BLOCKED --example', 'publish an event as OpenSIPS does'],
  ['evi check', 'find out where an event gets lost'],
] as const

/** What `evi` alone shows: the first step, then all commands in groups. @param entries commands and topics */
export function rootHelp(summary: string, entries: readonly Entry[], footer: string): string {
  const groups = commandGroups.map(({ title, names }) => ({
    title,
    entries: names.flatMap((name) => entries.find((entry) => entry.name === name) ?? []),
  }))
  const grouped = new Set(groups.flatMap((group) => group.entries))
  const others = { title: 'OTHER COMMANDS', entries: entries.filter((entry) => !grouped.has(entry)) }
  const width = Math.max(...entries.map(({ name }) => name.length))
  return [
    `${summary}\n`,
    section(
      'EXAMPLES',
      examples.map(([command, meaning]) => [`$ ${command}`, meaning]),
    ),
    ...[...groups, others]
      .filter((group) => group.entries.length > 0)
      .map((group) =>
        section(
          group.title,
          group.entries.map((entry) => [entry.name.padEnd(width), entry.summary]),
        ),
      ),
    `The flags and examples of a command: evi COMMAND --help\n${footer}`,
  ].join('\n')
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return `${title}\n${renderTable(rows).replace(/^/gm, '  ').trimEnd()}\n`
}
