import data from './opensips-events.json' with { type: 'json' }

/** A parameter of an event, in the order in which OpenSIPS sends them. */
export interface KnownParam {
  readonly name: string
  /** Integers are 32-bit numbers in OpenSIPS. */
  readonly type: 'string' | 'integer'
  /** Whether it may be absent, or null. */
  readonly optional?: boolean
  /** The first version of OpenSIPS that sends it, where that is not the event's own. */
  readonly since?: string
  readonly example: string | number
}

/** An event that OpenSIPS raises. */
export interface KnownEvent {
  readonly name: string
  /** The module that raises it; `core` for OpenSIPS's own. */
  readonly module: string
  /** The first version of OpenSIPS that has it. */
  readonly since: string
  /** The first version of OpenSIPS that has it no more. */
  readonly until?: string
  /** Whether parameters of other names may come. */
  readonly open?: boolean
  /** Whether it is not OpenSIPS's own, but the example of its manual for an event of a script. */
  readonly dynamic?: boolean
  /** When it is raised, in a sentence. */
  readonly when: string
  /** What its manual does not say. */
  readonly notes?: string
  readonly params: readonly KnownParam[]
}

interface Catalogue {
  /** Where it was read, and the day of what was read. */
  readonly source: string
  readonly date: string
  readonly events: readonly KnownEvent[]
}

const { source, date, events } = data as Catalogue

export { date as catalogueDate, source as catalogueSource }

/** The modules whose events are asked for most often, in the order in which a list shows them. */
const popularModules = [
  'pike',
  'usrloc',
  'dialog',
  'acc',
  'dispatcher',
  'drouting',
  'load_balancer',
  'fraud_detection',
  'rtpengine',
  'rtpproxy',
  'presence',
  'call_center',
  'core',
]

/** The events of OpenSIPS, those most often asked for first. */
export const knownEvents: readonly KnownEvent[] = [
  ...popularModules.flatMap((module) => events.filter((event) => event.module === module)),
  ...events.filter((event) => !popularModules.includes(event.module) && !event.dynamic),
]

/** The event of that very name. */
export function knownEvent(name: string): KnownEvent | undefined {
  return events.find((event) => event.name === name)
}

/** The known events with each of the words in their name, or at the start of a word of their module or meaning. */
export function findEvents(words: string): readonly KnownEvent[] {
  const wanted = words.toLowerCase().split(/\s+/)
  return knownEvents.filter(({ name, module, when }) => {
    const known = `${module} ${when}`.toLowerCase().split(/[^a-z0-9]+/)
    const has = (word: string) =>
      name.toLowerCase().includes(word) || known.some((one) => one.startsWith(word)) || module.includes(word)
    return wanted.every(has)
  })
}
