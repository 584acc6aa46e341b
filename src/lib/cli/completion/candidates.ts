import { settingNames, settingRules } from '#lib/domain/settings.ts'
import {
  type Arg,
  type Flag,
  findCommand,
  type Given,
  type Program,
  type ProgramCommand,
  readGiven,
} from './typed-command.ts'

/** What may stand at the cursor. */
export interface Candidate {
  readonly value: string
  readonly about?: string
}

/** What a shell offers: candidates, or files or directories of its own. */
export type Completion =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'files' | 'directories' }

/** What evi knows about the user's events, sockets, TLS domains and contexts. */
export interface KnownNames {
  readonly storedEvents: () => Promise<readonly Candidate[]>
  /** Those of the catalogue. */
  readonly openSipsEvents: () => Promise<readonly Candidate[]>
  /** @param event of one event only */
  readonly sockets: (event: string | undefined) => Promise<readonly Candidate[]>
  readonly tlsDomains: () => Promise<readonly Candidate[]>
  readonly contexts: () => Promise<readonly Candidate[]>
  /** Parameters of an event, each up to where its value begins. */
  readonly params: (event: string | undefined) => Promise<readonly Candidate[]>
}

const programFlags: readonly Candidate[] = [
  { value: '--help', about: 'show help' },
  { value: '--version', about: 'show the version' },
]

const none: Completion = { kind: 'words', candidates: [] }

/** What can stand in the place of `current`, whatever of it is typed already. */
export async function complete(
  { words, current }: { readonly words: readonly string[]; readonly current: string },
  program: Program,
  names: KnownNames,
): Promise<Completion> {
  const found = findCommand(words, program)
  if (!found) {
    const isFlag = words.length === 0 && current.startsWith('-')
    return offered(isFlag ? programFlags : commandNames(words, program))
  }
  const { command, rest } = found
  if (command.id === 'help') return offered(commandNames(rest, program))
  const further = rest.length === 0 ? commandNames(words, program) : []
  if (further.length > 0 && !current.startsWith('-')) return offered(further)
  const end = rest.indexOf('--')
  if (end >= 0) return { kind: 'files' }
  const given = readGiven(rest, command)
  const [, flagName, prefix] = /^--([\w-]+)(=)/.exec(current) ?? []
  const flag = flagName === undefined ? given.open : command.flags[flagName]
  if (flagName !== undefined && !flag) return none
  if (flag) return prefixed(prefix ? `--${flagName}=` : '', await valuesOf(flag, given, names))
  if (current.startsWith('-')) return offered(flagNames(command, given))
  const arg = Object.values(command.args)[given.positionals.length]
  return arg ? await argumentsOf(arg, command, given, names) : await moreArguments(command, names)
}

function offered(candidates: readonly Candidate[]): Completion {
  return { kind: 'words', candidates }
}

function prefixed(prefix: string, completion: Completion): Completion {
  if (completion.kind !== 'words') return completion
  return offered(completion.candidates.map((one) => ({ ...one, value: prefix + one.value })))
}

/** The commands that can follow the words: at first those of one word, then those of a topic. */
function commandNames(words: readonly string[], { commands, topics }: Program): readonly Candidate[] {
  const before = words.map((word) => `${word}:`).join('')
  const shown = commands.filter(({ hidden }) => !hidden)
  const onlyTopics = topics.filter(({ name }) => !commands.some(({ id }) => id === name))
  const next = [...shown, ...onlyTopics.map(asCommand)]
    .filter(({ id }) => id.startsWith(before) && !id.slice(before.length).includes(':'))
    .map(({ id, description }) => ({ value: id.slice(before.length), ...about(description) }))
  return next.sort((one, other) => (one.value < other.value ? -1 : 1))
}

function asCommand({ name, description }: Program['topics'][number]) {
  return { id: name, description }
}

/** The flags that may still be given. */
function flagNames({ flags }: ProgramCommand, given: Given): readonly Candidate[] {
  const left = Object.values(flags).filter(
    (flag) => !flag.hidden && (isMultiple(flag) || !given.flags.has(flag.name)),
  )
  const names = left.flatMap((flag) => [
    { value: `--${flag.name}`, ...about(flag.description) },
    ...(flag.type === 'boolean' && flag.allowNo ? [{ value: `--no-${flag.name}` }] : []),
  ])
  return [...names, { value: '--help', about: 'show help' }]
}

function isMultiple(flag: Flag): boolean {
  return flag.type === 'option' && flag.multiple === true
}

async function valuesOf(flag: Flag, { positionals }: Given, names: KnownNames): Promise<Completion> {
  if (flag.type !== 'option') return none
  const { name, options, helpValue } = flag
  if (options) return offered(options.map((value) => ({ value })))
  if (name === 'socket') return offered(await names.sockets(undefined))
  if (name === 'tls-domain') return offered(await names.tlsDomains())
  if (name === 'context') return offered(await names.contexts())
  if (name === 'param') return offered(await names.params(positionals[0]))
  if (helpValue === 'FILE') return { kind: 'files' }
  if (helpValue === 'DIR') return { kind: 'directories' }
  const literals = String(helpValue)
    .split('|')
    .filter((value) => /^[a-z]+$/.test(value))
  return offered(helpValue === undefined ? [] : literals.map((value) => ({ value })))
}

/** Commands that make a subscription or raise an event, so that it need not be stored yet. */
const newEvents = new Set(['raise', 'subscribe', 'setup'])

async function argumentsOf(
  { name, options }: Arg,
  { id }: ProgramCommand,
  { positionals }: Given,
  names: KnownNames,
): Promise<Completion> {
  if (options) return offered(options.map((value) => ({ value })))
  if (id === 'settings' && name === 'name') return offered(settings())
  if (id.startsWith('context:')) return offered(await names.contexts())
  if (id.startsWith('tls-domain:')) return offered(await names.tlsDomains())
  switch (name) {
    case 'file':
      return { kind: 'files' }
    case 'word':
      return offered(await names.openSipsEvents())
    case 'event': {
      const stored = await names.storedEvents()
      return offered(newEvents.has(id) ? [...stored, ...(await names.openSipsEvents())] : stored)
    }
    case 'socket': {
      const sockets = await names.sockets(id === 'unsubscribe' ? positionals[0] : undefined)
      return offered(id === 'declare' ? [...(await names.storedEvents()), ...sockets] : sockets)
    }
    default:
      return none
  }
}

/** Of a command that takes any number of arguments. */
async function moreArguments({ id }: ProgramCommand, names: KnownNames): Promise<Completion> {
  return id === 'tail' ? offered(await names.storedEvents()) : none
}

function settings(): readonly Candidate[] {
  return settingNames.map((value) => ({ value, about: settingRules[value].meaning }))
}

/** The first line of a description, which may be missing. */
function about(description: string | undefined): { about?: string } {
  return description === undefined ? {} : { about: description.split('\n', 1)[0] ?? '' }
}
