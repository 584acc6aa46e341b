import type { Program } from '#lib/cli/completion/typed-command.ts'
import { EviError } from '#lib/errors.ts'

/** What was typed, and what could have been. */
export interface Typed {
  /** What was looked up as a command. */
  readonly argv: readonly string[]
  readonly program: Pick<Program, 'commands' | 'topics'>
  /** The command whose flags were parsed, with the names of all of them. */
  readonly command?: { readonly id: string; readonly flags: readonly string[] }
  /** The event of the command, and those of the store. */
  readonly event?: { readonly name: string | undefined; readonly stored: () => Promise<readonly string[]> }
}

/**
 * The error for a command or a flag that oclif does not find, or for an event without subscribers, with the one that was
 * probably meant; any other error as it is. What it compares names with is loaded only here, where evi ends anyway.
 */
export async function withSuggestion(error: unknown, typed: Typed): Promise<unknown> {
  const { argv, program, command } = typed
  if (error instanceof EviError && error.code === 'no-subscriber') return await withEvent(error, typed)
  if (!(error instanceof Error && 'oclif' in error)) return error
  if (/^command .* not found\.?$/is.test(error.message)) return await unknownCommand(argv, program)
  if (command && 'flags' in error && Array.isArray(error.flags))
    return await unknownFlags(error.flags, command)
  // A command with commands of its own takes the name of one for an argument; to oclif each command is a topic.
  if (command && 'args' in error && program.commands.some(({ id }) => id.startsWith(`${command.id}:`)))
    return await unknownCommand([command.id, ...argv], program)
  return error
}

async function unknownCommand(argv: readonly string[], program: Typed['program']): Promise<EviError> {
  const [first = '', second = '', third = ''] = argv.filter((word) => !word.startsWith('-'))
  const [flag = ''] = argv
  const isKnown = program.commands.some(({ id }) => id.split(':')[0] === first)
  if (flag.startsWith('-') && (first === '' || isKnown)) {
    return new EviError('usage', `Nonexistent flag: ${flag.replace(/=.*/s, '')}.`, {
      hint: first === '' ? 'See: evi --help' : `The flags of a command stand behind it: evi ${first} --help`,
    })
  }
  const commands = program.commands.filter(({ hidden }) => !hidden)
  const ids = commands.map(({ id }) => id.replaceAll(':', ' '))
  // Of a command without arguments, to which oclif takes the next word for a command's name.
  if (ids.includes(`${first} ${second}`)) {
    return new EviError('usage', `Unexpected argument: ${third}.`, {
      hint: `See: evi ${first} ${second} --help`,
    })
  }
  const topics = program.topics.map(({ name }) => name)
  const isTopic = topics.includes(first)
  const whole = await probable(`${first} ${second}`, ids)
  const meant = whole ?? (isTopic ? undefined : await probable(first, [...ids, ...topics]))
  const name = isTopic ? `${first} ${second}` : first
  return new EviError('usage', `There is no command ${JSON.stringify(name)}.`, {
    hint: meant === undefined ? `See: evi ${isTopic ? `${first} ` : ''}--help` : `Did you mean: evi ${meant}`,
  })
}

async function unknownFlags(
  typed: readonly string[],
  { id, flags }: NonNullable<Typed['command']>,
): Promise<EviError> {
  // Without their values, as --password=… or -p… of a user who tries it gives the password itself.
  const names = typed.map((word) => (word.startsWith('--') ? word.replace(/=.*/s, '') : word.slice(0, 2)))
  const long = names.filter((name) => name.startsWith('--'))
  const meant = await Promise.all(long.map((name) => probable(name, flags)))
  const found = meant.filter((flag) => flag !== undefined)
  const question = found.length === 0 ? '' : `Did you mean ${found.join(', ')}? `
  return new EviError('usage', `Nonexistent flag${names.length > 1 ? 's' : ''}: ${names.join(', ')}.`, {
    hint: `${question}See: evi ${id.replaceAll(':', ' ')} --help`,
  })
}

async function withEvent(error: EviError, { event: { name, stored } = none }: Typed): Promise<EviError> {
  // A store that was damaged since must not hide the error.
  const events = await stored().catch((): string[] => [])
  if (name === undefined || events.includes(name)) return error
  const { nearest } = await import('#lib/text/nearest.ts')
  const meant = nearest(name, events)
  if (meant === undefined) return error
  const hint = [`Did you mean ${meant}?`, error.hint ?? []].flat().join('\n')
  return new EviError(error.code, error.message, { hint, cause: error })
}

const none: NonNullable<Typed['event']> = { name: undefined, stored: async () => [] }

/** The candidate that is spelt nearly like the word, or else the first one that begins with it. */
async function probable(word: string, candidates: readonly string[]): Promise<string | undefined> {
  const { nearest } = await import('#lib/text/nearest.ts')
  return nearest(word, candidates) ?? candidates.find((one) => word.length > 2 && one.startsWith(word))
}
