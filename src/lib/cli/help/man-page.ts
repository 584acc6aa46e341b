import type { Command } from '@oclif/core/command'
import { CLIError } from '@oclif/core/errors'
import type { PJSON } from '@oclif/core/interfaces'
import { settingNames, settingRules, variableOf } from '#lib/domain/settings.ts'
import { flagValue } from './flag-value.ts'
import { helpFooter } from './links.ts'
import { bold, italic, paragraphs, roff } from './roff.ts'
import { synopsisOf } from './synopsis.ts'

/** What the pages are made from: the manifest and package.json. */
export interface ManSource {
  readonly commands: readonly Command.Cached[]
  readonly pjson: PJSON
}

type Section = readonly [title: string, body: string]

/** All pages of section 1, each by its name: `evi`, `evi-raise`, `evi-tls-domain-set`. */
export function manPages({ commands, pjson }: ManSource): ReadonlyMap<string, string> {
  const shown = commands.filter(({ hidden }) => !hidden)
  const pages = [
    ['evi', mainSections(shown, pjson)] as const,
    ...shown.map((command) => [nameOf(command.id), commandSections(command, pjson)] as const),
  ]
  return new Map(pages.map(([name, sections]) => [name, pageOf(name, sections, pjson)]))
}

/**
 * The page of a command; evi's own for no words.
 *
 * @throws CLIError where there is no such command, as oclif's help does
 */
export function manPageFor(words: readonly string[], source: ManSource): { name: string; page: string } {
  const name = nameOf(words.join(':'))
  const page = manPages(source).get(name)
  if (page === undefined) throw new CLIError(`Command ${words.join(' ')} not found.`)
  return { name, page }
}

function nameOf(id: string): string {
  return ['evi', ...id.split(':').filter(Boolean)].join('-')
}

function pageOf(name: string, sections: readonly Section[], { version }: PJSON): string {
  const head = `.TH ${roff(name.toUpperCase())} 1 "" "evi ${roff(version)}" "User Commands"\n`
  const written = sections.filter(([, body]) => body !== '')
  return head + written.map(([title, body]) => `.SH ${title}\n${body}\n`).join('')
}

function mainSections(commands: readonly Command.Cached[], pjson: PJSON): readonly Section[] {
  return [
    ['NAME', `evi \\- ${roff(pjson.description ?? '')}`],
    ['SYNOPSIS', `.B evi\n${italic('COMMAND')}\n[${italic('FLAGS')}]`],
    ['DESCRIPTION', paragraphs(about)],
    [
      'COMMANDS',
      terms(commands.map(({ id, description }) => [`${bold(nameOf(id))}(1)`, lines(description)[0]])),
    ],
    ['ENVIRONMENT', terms(variables.map(([name, meaning]) => [bold(name), meaning]))],
    ['EXIT STATUS', roff(exitStatus)],
    ['SEE ALSO', roff(helpFooter(pjson).trim())],
  ]
}

const about =
  'evi keeps subscriptions of events to RabbitMQ sockets, as OpenSIPS does, raises events byte for byte as its module ' +
  'event_rabbitmq does, watches them arrive, and says where an event gets lost.\n\nBegin with: evi setup'

const variables = [
  ...settingNames.map((name) => [variableOf(name), settingRules[name].meaning] as const),
  ['EVI_CONFIG_DIR', 'directory of the subscriptions and settings (default: ~/.config/evi)'],
  ['NO_COLOR', 'no colours, whatever its value'],
  ['FORCE_COLOR', 'colours in a pipe, too; 0 is none'],
  ['EVI_ACCESSIBLE', 'marks as words, for a screen reader'],
] as const

const exitStatus = '0 when all is done. The other codes are in docs/exit-codes.md of the package.'

function commandSections(command: Command.Cached, pjson: PJSON): readonly Section[] {
  const { id, args, usage, description, examples = [] } = command
  const pieces = typeof usage === 'string' ? synopsisOf(command).map(roff) : synopsisOf(command, italic)
  const [summary, ...rest] = lines(description)
  return [
    ['NAME', `${roff(nameOf(id))} \\- ${roff(summary)}`],
    ['SYNOPSIS', `.B evi ${roff(id.replaceAll(':', ' '))}\n${pieces.join('\n')}`],
    ['DESCRIPTION', paragraphs(rest.join('\n').trim() || `${summary}.`)],
    [
      'ARGUMENTS',
      terms(Object.values(args).map(({ name, description }) => [italic(name.toUpperCase()), description])),
    ],
    ['OPTIONS', optionsOf(command)],
    ['EXAMPLES', examples.map(exampleOf).join('\n')],
    ['EXIT STATUS', roff(exitStatus)],
    ['SEE ALSO', `${bold('evi')}(1)\n.PP\n${roff(helpFooter(pjson).trim())}`],
  ]
}

/** The flags, those of groups below the others. */
function optionsOf({ flags }: Command.Cached): string {
  const shown = Object.values(flags).filter(({ hidden }) => !hidden)
  const groups = ['', ...new Set(shown.flatMap(({ helpGroup }) => helpGroup ?? []))]
  const parts = groups.map((group) => {
    const some = shown.filter(({ helpGroup = '' }) => helpGroup === group)
    const listed = terms(some.map((flag) => [flagTerm(flag), flag.description]))
    return group === '' ? listed : `.SS ${roff(group)}\n${listed}`
  })
  return parts.filter(Boolean).join('\n')
}

function flagTerm(flag: Command.Flag.Cached): string {
  const { name, char } = flag
  const short = char === undefined ? '' : `${bold(`-${char}`)}, `
  if (flag.type === 'boolean') return short + bold(`--${flag.allowNo ? '[no-]' : ''}${name}`)
  const value = flag.options?.join('|') ?? flagValue(flag)
  return `${short}${bold(`--${name}`)}=${italic(value)}`
}

function exampleOf(example: Command.Example): string {
  const text = typeof example === 'string' ? example : example.command
  return `.PP\n.nf\n.RS\n${roff(text.replaceAll('<%= config.bin %>', 'evi'))}\n.RE\n.fi`
}

function terms(list: readonly (readonly [term: string, text: string | undefined])[]): string {
  return list.map(([term, text = '']) => `.TP\n${term}\n${roff(text)}`).join('\n')
}

function lines(text = ''): [string, ...string[]] {
  const [first = '', ...rest] = text.split('\n')
  return [first, ...rest]
}
