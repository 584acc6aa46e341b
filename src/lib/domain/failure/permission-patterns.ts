/** Names in one pattern that can be read at a glance. */
const mostNames = 20

/** The queues that the broker names for evi. */
export const ownQueues = 'amq\\.gen-.*'

const nothing = '^$'

/** A pattern of RabbitMQ's permissions. */
interface Pattern {
  readonly pattern: string
  /** How many names it stands for, and how they begin, where they are too many to be written out. */
  readonly wide: { readonly names: number; readonly prefix: string } | undefined
}

/**
 * One that matches what one of the patterns does; nothing else, unless they are too many for a command that a person reads: then
 * all that begins as they do, as a pattern that leaves some out would take them from the user.
 */
export function patternOf(patterns: Iterable<string>): Pattern {
  const all = [...patterns]
  const names = all.filter((one) => one !== ownQueues)
  if (names.length <= mostNames) return { pattern: anyOf(all), wide: undefined }
  const prefix = commonPrefix(names)
  const beginning = `${prefix}.*`
  // What takes all takes evi's own queues, too.
  const both = prefix === '' || names.length === all.length ? [beginning] : [beginning, ownQueues]
  return { pattern: anyOf(both), wide: { names: names.length, prefix: prefix.replaceAll('\\', '') } }
}

/** The command, and below it what its patterns permit beyond what evi needs. @param things that the patterns match, in the plural */
export function withNotes(command: string, things: string, patterns: readonly Pattern[]): string {
  const notes = patterns.flatMap(({ wide }) => {
    if (!wide) return []
    const all = wide.prefix === '' ? 'all there are' : `all that begin with "${wide.prefix}"`
    return `evi needs ${wide.names} ${things}, too many to list; the command permits ${all}. Narrow it where that is too much.`
  })
  return [command, ...new Set(notes)].join('\n')
}

/** The part of a pattern that matches a name alone. */
export function escapePattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function anyOf(patterns: readonly string[]): string {
  if (patterns.length === 0) return nothing
  return patterns.length === 1 ? `^${patterns[0]}$` : `^(${patterns.join('|')})$`
}

/** How escaped names begin. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', last = ''] = [names.toSorted()[0], names.toSorted().at(-1)]
  let length = 0
  while (length < first.length && first[length] === last[length]) length++
  const prefix = first.slice(0, length)
  // A backslash without what it escapes, or half of a character, is no pattern.
  return prefix.replace(/(?<!\\)((?:\\\\)*)\\$/, '$1').replace(/[\uD800-\uDBFF]$/, '')
}
