import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** What oclif reads of a command only where it is run, or where there is help of it. */
const details = ['args', 'examples', 'flags', 'usage']

/** Has each command's details in functions of their own: a run then loads no more than those of its command. */
export const lazyManifest: Plugin = {
  name: 'lazy-manifest',
  setup(build) {
    build.onLoad({ filter: /[\\/]oclif\.manifest\.json$/ }, async ({ path }) => {
      const { commands, version } = JSON.parse(await readFile(path, 'utf8'))
      const entries = Object.entries<object>(commands).map(
        ([id, command]) => `${JSON.stringify(id)}: ${commandOf(command)}`,
      )
      return {
        contents: `export default { version: ${JSON.stringify(version)}, commands: {${entries.join()}} }`,
        loader: 'js',
      }
    })
  },
}

function commandOf(command: object): string {
  const properties = Object.entries(command).map(([name, value]) =>
    details.includes(name)
      ? `get ${name}() { return ${JSON.stringify(value)} }`
      : `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  return `{${properties.join()}}`
}
