import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build } from 'esbuild'
import { countModules } from './count-modules.ts'
import { joinChunks } from './join-chunks.ts'
import { lazyBuiltins, lazyOclif } from './lazy.ts'
import { lazyManifest } from './lazy-manifest.ts'
import { licences, packagesOf } from './licences.ts'
import { precompute } from './precompute.ts'
import { replaceModules } from './replace.ts'

/** A program in one file, as CommonJS. */
export interface Program {
  readonly text: string
  /** Where in the sources each place of the text comes from, as JSON. */
  readonly sourceMap: string
  /** The ids of its commands. */
  readonly commands: readonly string[]
  /** The licences of all that is in it. */
  readonly licences: string
  /** The npm packages that are in it, as `name@version`. */
  readonly packages: readonly string[]
}

/**
 * Makes dist/evi.cjs, the whole program in one file: a function of `module` and `require`, which bin/run.js calls. Its
 * last line names the build for the code cache. Beside it are its source map and the licences of all that is in it.
 */
export async function bundle(root: string): Promise<void> {
  const program = await bundleProgram(root)
  const about = {
    build: createHash('sha256').update(program.text).digest('hex').slice(0, 16),
    commands: [...new Set(program.commands.map((id) => id.split(':')[0]))],
  }
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(
    join(root, 'dist/evi.cjs'),
    `(function (module, require) {${program.text}})\n//${JSON.stringify(about)}`,
  )
  writeFileSync(join(root, 'dist/evi.cjs.map'), program.sourceMap)
  writeFileSync(join(root, 'dist/LICENCES.txt'), program.licences)
}

/** The whole program, which exports `run`. */
export async function bundleProgram(root: string): Promise<Program> {
  const commands = Object.keys(JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')).commands)
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry(commands), resolveDir: root, sourcefile: 'evi.ts', loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    target: 'node22.22',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    sourcemap: 'external',
    sourcesContent: false,
    outdir: join(root, 'dist'),
    entryNames: 'evi',
    chunkNames: '[hash]',
    write: false,
    loader: { '.bash': 'text', '.fish': 'text', '.zsh': 'text' },
    plugins: [precompute, countModules, lazyBuiltins, lazyManifest, lazyOclif, replaceModules],
    // Node's own is in a module that takes a millisecond to load.
    define: { 'performance.now': 'monotonicMilliseconds' },
    inject: [join(root, 'scripts/bundle/monotonic-milliseconds.ts')],
  })
  const textOf = (wanted: string) => outputFiles.find(({ path }) => path === wanted)?.text ?? ''
  const inputs = Object.keys(metafile.inputs)
  const chunks = outputFiles
    .filter(({ path }) => path.endsWith('.js'))
    .map(({ path, text }) => ({
      path,
      text,
      sourceMap: textOf(`${path}.map`),
      isEntryPoint: metafile.outputs[relative(root, path)]?.entryPoint !== undefined,
    }))
  return {
    ...joinChunks(chunks, 'evi.js'),
    commands,
    licences: licences(root, inputs),
    packages: packagesOf(root, inputs),
  }
}

/** The program's start: the commands of the manifest, each imported when it is called. */
function entry(commands: readonly string[]): string {
  const imports = commands.map(
    (id) => `${JSON.stringify(id)}: () => import('./src/commands/${id.replaceAll(':', '/')}.ts'),`,
  )
  return `
    import manifest from './oclif.manifest.json'
    import pjson from './package.json'
    import { runProgram } from './src/lib/cli/program.ts'
    export { evaluated } from './scripts/bundle/evaluated.ts'

    export const run = () => runProgram({ pjson, manifest, commands: {${imports.join('\n')}} })
  `
}
