import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

interface Replacement {
  /** The module's path. */
  readonly filter: RegExp
  /** What evi uses of it. */
  readonly contents: string
}

const replacements: readonly Replacement[] = [
  {
    // With DEBUG set, oclif would print the words of the command line, a password among them.
    filter: /node_modules[\\/]debug[\\/]src[\\/]index\.js$/,
    contents: `
      const silent = Object.assign(() => {}, { enabled: false, extend: () => silent })
      module.exports = () => silent`,
  },
  {
    // For the one word "wsl" in the version, is-wsl reads five files.
    filter: /wsl-utils[\\/]index\.js$/,
    contents: `
      import { release } from 'node:os'
      export const isWsl = release().toLowerCase().includes('microsoft')`,
  },
  {
    // conf's validator is for schemas, of which evi gives none.
    filter: /node_modules[\\/]ajv[\\/]dist[\\/]2020\.js$/,
    contents: 'exports.Ajv2020 = undefined',
  },
  {
    // conf is given its directory; the module asks for a home at once, which a user without an entry in passwd has not.
    filter: /node_modules[\\/]env-paths[\\/]index\.js$/,
    contents: 'export default undefined',
  },
  { filter: /node_modules[\\/]ajv-formats[\\/]dist[\\/]index\.js$/, contents: '' },
  {
    // On a terminal oclif's help asks for a spinner, which it does not show.
    filter: /node_modules[\\/]cli-spinners[\\/]/,
    contents: "module.exports = { dots2: { frames: [''] }, line: { frames: [''] } }",
  },
  {
    // oclif looks for plugins with them, conf for migrations, and evi has neither; they would be a sixth of the program.
    filter: /node_modules[\\/](?:brace-expansion|lilconfig|minimatch|semver|tinyglobby)[\\/]/,
    contents: '',
  },
]

/** Puts what evi uses in the place of modules that do more than it needs. */
export const replaceModules: Plugin = {
  name: 'replace-modules',
  setup(build) {
    for (const { filter, contents } of replacements) build.onLoad({ filter }, () => ({ contents }))
    build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version, description, homepage, bugs, oclif } = JSON.parse(await readFile(path, 'utf8'))
      return {
        contents: JSON.stringify({ name, version, description, homepage, bugs, oclif }),
        loader: 'json',
      }
    })
    // amqplib checks its own state with it; Node's takes a millisecond to load.
    build.onResolve({ filter: /^node:assert$/ }, ({ path }) => ({ path, namespace: 'assert' }))
    build.onLoad({ filter: /./, namespace: 'assert' }, () => ({
      contents: `
        module.exports = (ok, message) => {
          if (!ok) throw new Error(message ?? 'assertion failed')
        }
        module.exports.equal = (actual, expected) => module.exports(actual === expected)`,
    }))
  },
}
