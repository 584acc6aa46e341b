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
export function eviPlugin({ pjson, manifest, commands }: PluginParts): Plugin {
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
    commandIDs: Object.keys(manifest.commands),
    // Not a copy, for which the details of each would be read.
    commands: Object.entries(manifest.commands).map(([id, command]) =>
      Object.assign(command, { load: () => load(id), pluginAlias: pjson.name, pluginType: 'core' }),
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
