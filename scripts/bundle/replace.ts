import type { Plugin } from 'esbuild'

interface Replacement {
  /** The module's path. */
  readonly filter: RegExp
  /** What evi uses of it. */
  readonly contents: string
}

const replacements: readonly Replacement[] = [
  {
    // DEBUG is taken away before oclif loads, so it never prints; it would look for a terminal and its colours.
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
  { filter: /node_modules[\\/]ajv-formats[\\/]dist[\\/]index\.js$/, contents: '' },
]

/** Puts what evi uses in the place of modules that do more than it needs. */
export const replaceModules: Plugin = {
  name: 'replace-modules',
  setup(build) {
    for (const { filter, contents } of replacements) build.onLoad({ filter }, () => ({ contents }))
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
