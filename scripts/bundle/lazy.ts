import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/** Node's modules that cost milliseconds to load, and that few commands use. */
const heavyBuiltins = [
  'child_process',
  'crypto',
  'dns',
  'fs/promises',
  'http',
  'https',
  'module',
  'net',
  'os',
  'perf_hooks',
  'querystring',
  'readline',
  'sqlite',
  'timers/promises',
  'tls',
  'tty',
  'url',
  'util',
  'zlib',
]

/** Has the heavy modules of Node loaded when something of them is used. */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    const filter = new RegExp(`^(?:node:)?(?:${heavyBuiltins.join('|')})$`)
    build.onResolve({ filter }, ({ path }) => ({
      path: path.replace('node:', ''),
      namespace: 'lazy-builtin',
      sideEffects: false,
    }))
    build.onLoad({ filter: /./, namespace: 'lazy-builtin' }, ({ path }) => ({ contents: lazyBuiltin(path) }))
    // For `require`, esbuild would put in a function that calls the one of the place.
    build.onResolve({ filter: /^(?:node:)?[a-z_/]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path)
        ? { path: path.replace('node:', ''), namespace: 'required-builtin' }
        : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'required-builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }))
  },
}

function lazyBuiltin(name: string): string {
  // As a prototype, its names need not be known to the importer: esbuild copies those of the object itself.
  return `
    let loaded
    const load = () => (loaded ??= process.getBuiltinModule('node:${name}'))
    module.exports = Object.create(new Proxy({}, { get: (_, name) => load()[name] }))`
}

/** What TypeScript makes of an import: `const errors_1 = require("./errors");`, used as `errors_1.name` only. */
const compiledImport = /^const (\w+_\d+) = ((?:__importDefault\()?require\("[^"]+"\)\)?);$/gm

/**
 * Has oclif's modules loaded when something of them is used: each of them imports many more than a single command needs,
 * and the names that it imports are looked up at each use anyway.
 */
export const lazyOclif: Plugin = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8')
      for (const [line, name, required] of contents.matchAll(compiledImport)) {
        const variable = new RegExp(`(?<![.\\w])${name}\\b(?! =)`, 'g')
        contents = contents
          .replace(variable, `(${name}())`)
          .replace(line, `let ${name}$; const ${name} = () => ${name}$ ??= ${required};`)
      }
      return { contents: /config[\\/]config\.js$/.test(path) ? withRuntime(contents) : contents }
    })
  },
}

/** Has the version name bun where bun runs evi, and not the Node.js that bun claims to be. */
function withRuntime(contents: string): string {
  const claim = /node-\$\{process\.version\}`/
  const runtime = "(process.versions.bun ? 'bun-' + process.versions.bun : 'node-' + process.version)"
  if (!claim.test(contents)) throw new Error('The version is no longer made in config.js of @oclif/core.')
  return contents.replace(claim, () => `\` + ${runtime}`)
}
