import type { Command } from '@oclif/core/command'
import type { Manifest, PJSON, Plugin } from '@oclif/core/interfaces'

export interface PluginParts {
  /** What oclif needs to know of package.json. */
  readonly pjson: PJSON
  readonly manifest: Manifest
  /** Imports a command, by its id. */
  readonly commands: Readonly<Record<string, () => Promise<{ default: Command.Class }>>>
}

/** evi as an oclif plugin that is whole from the start: oclif's own searches the disk for each part of it. */
export function eviPlugin(parts: PluginParts): Plugin {
  return pluginWith(Object.keys(parts.manifest.commands), parts)
}

/**
 * The plugin with the commands alone that the first word of argv names, or with all if it names none, as for help: oclif
 * looks at each command that it is given, at each start.
 */
export function pluginFor(argv: readonly string[], parts: PluginParts): Plugin {
  const [first = ''] = argv
  const ids = Object.keys(parts.manifest.commands)
  const named = ids.filter((id) => id === first || id.startsWith(`${first}:`))
  const needsAll = first === 'help' || (named.length === 0 && !first.startsWith('-'))
  return pluginWith(needsAll ? ids : named, parts)
}

function pluginWith(ids: readonly string[], { pjson, manifest, commands }: PluginParts): Plugin {
  const load = async (id: string): Promise<Command.Class> => {
    const { default: command } = (await commands[id]?.()) ?? {}
    if (!command) throw new Error(`The command ${id} is in the manifest, and not in the program.`)
    command.id = id
    command.plugin = plugin
    return command
  }
  const plugin: Plugin = {
    _base: '',
    alias: pjson.name,
    commandIDs: [...ids],
    // Not a copy, for which the details of each would be read.
    commands: ids.map((id) =>
      Object.assign(manifest.commands[id] as Command.Cached, {
        load: () => load(id),
        pluginAlias: pjson.name,
        pluginType: 'core',
      }),
    ),
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
