import type { Command } from '@oclif/core/command'
import type { PJSON, Plugin } from '@oclif/core/interfaces'

export interface PluginParts {
  /** What oclif needs to know of package.json. */
  readonly pjson: PJSON
  /** The commands by their ids. */
  readonly commands: Readonly<Record<string, CommandParts>>
}

interface CommandParts {
  /** Imports what the manifest has of the command. */
  readonly describe: () => Promise<{ readonly default: object }>
  readonly load: () => Promise<{ readonly default: Command.Class }>
}

/** evi as an oclif plugin that is whole from the start: oclif's own searches the disk for each part of it. */
export async function eviPlugin(parts: PluginParts): Promise<Plugin> {
  return await pluginWith(Object.keys(parts.commands), parts)
}

/**
 * The plugin with the commands alone that the first word of argv names, or with all if it names none, as for help: oclif
 * looks at each command that it is given, at each start.
 */
export async function pluginFor(argv: readonly string[], parts: PluginParts): Promise<Plugin> {
  const [first = ''] = argv
  const ids = Object.keys(parts.commands)
  const named = ids.filter((id) => id === first || id.startsWith(`${first}:`))
  const needsAll = first === 'help' || (named.length === 0 && !first.startsWith('-'))
  return await pluginWith(needsAll ? ids : named, parts)
}

async function pluginWith(ids: readonly string[], { pjson, commands }: PluginParts): Promise<Plugin> {
  const load = async (id: string): Promise<Command.Class> => {
    const { default: command } = (await commands[id]?.load()) ?? {}
    if (!command) throw new Error(`The command ${id} is in the manifest, and not in the program.`)
    command.id = id
    command.plugin = plugin
    return command
  }
  const describe = async (id: string) => ({
    ...((await commands[id]?.describe())?.default as Command.Cached),
    load: () => load(id),
    pluginAlias: pjson.name,
    pluginType: 'core',
  })
  const plugin: Plugin = {
    _base: '',
    alias: pjson.name,
    commandIDs: [...ids],
    commands: await Promise.all(ids.map(describe)),
    commandsDir: undefined,
    findCommand: load,
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: async () => {},
    moduleType: 'commonjs',
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics: Object.entries(pjson.oclif.topics ?? {}).map(([name, topic]) => ({ ...topic, name })),
    type: 'core',
    valid: true,
    version: pjson.version,
  }
  return plugin
}

/** Nothing is read from there. */
const root = '/'
