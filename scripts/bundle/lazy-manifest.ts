import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** Has each command described in a function of its own: a run then makes no more than what it needs. */
export const lazyManifest: Plugin = {
  name: 'lazy-manifest',
  setup(build) {
    build.onLoad({ filter: /[\\/]oclif\.manifest\.json$/ }, async ({ path }) => {
      const { commands, version } = JSON.parse(await readFile(path, 'utf8'))
      const getters = Object.entries<object>(commands).map(([id, command]) => {
        const name = JSON.stringify(id)
        return `get ${name}() { return described[${name}] ??= ${describe(command)} }`
      })
      return {
        contents: `
          const described = {}
          export default { version: ${JSON.stringify(version)}, commands: {${getters.join()}} }`,
        loader: 'js',
      }
    })
  },
}

/** What oclif reads of a command only where it is run, or where there is help of it. */
const details = ['args', 'examples', 'flags', 'usage']

function describe(command: object): string {
  const properties = Object.entries(command).map(([name, value]) =>
    details.includes(name)
      ? `get ${name}() { return ${JSON.stringify(value)} }`
      : `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  return `{${properties.join()}}`
}
