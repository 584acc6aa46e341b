import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { describedCommands } from './described-commands.ts'
import { type Joined, joinChunks } from './join-chunks.ts'
import { lazyBuiltins, lazyOclif } from './lazy.ts'
import { licences, packagesOf } from './licences.ts'
import { precompute } from './precompute.ts'
import { replaceModules } from './replace.ts'
import { seldomChunks } from './seldom-chunks.ts'

/** The program as CommonJS. */
export interface Program extends Joined {
  /** The ids of its commands. */
  readonly commands: readonly string[]
  /** The licences of all that is in it. */
  readonly licences: string
  /** The npm packages that are in it, as `name@version`. */
  readonly packages: readonly string[]
}

/**
 * Makes dist/evi.cjs and dist/seldom.cjs: functions that bin/run.js calls, the second one where a command comes to what
 * the everyday ones do not need. The last line of each names the build and the commands for the code cache. Beside them
 * are their source maps and the licences of all that is in them.
 */
export async function bundle(root: string): Promise<void> {
  const { program, seldom, commands, licences } = await bundleParts(root, seldomChunks)
  const about = {
    build: createHash('sha256').update(program.text).update(seldom.text).digest('hex').slice(0, 16),
    commands: [...new Set(commands.map((id) => id.split(':')[0]))],
  }
  mkdirSync(join(root, 'dist'), { recursive: true })
  const write = (name: string, { text, sourceMap }: Joined, params: string) => {
    const file = join(root, `dist/${name}.cjs`)
    writeFileSync(file, `(function (${params}) {${text}})\n//${JSON.stringify(about)}`)
    writeFileSync(`${file}.map`, sourceMap)
  }
  write('evi', program, 'module, require, seldom')
  write('seldom', seldom, 'take, load, node, wrap')
  writeFileSync(join(root, 'dist/LICENCES.txt'), licences)
}

/** The whole program in one text, which exports `run`. */
export async function bundleProgram(root: string): Promise<Program> {
  const { program, ...about } = await bundleParts(root, () => new Set())
  return { ...program, ...about }
}

async function bundleParts(root: string, seldomOf: (metafile: Metafile) => ReadonlySet<string>) {
  const { commands: described } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  const commands = Object.keys(described)
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
    // The first one that resolves a module has it: assert is replaced, and it is a builtin, too.
    plugins: [precompute, describedCommands(described), replaceModules, lazyBuiltins, lazyOclif],
    // Node's own is in a module that takes a millisecond to load.
    define: { 'performance.now': 'monotonicMilliseconds' },
    inject: [join(root, 'scripts/bundle/monotonic-milliseconds.ts')],
  })
  const textOf = (wanted: string) => outputFiles.find(({ path }) => path === wanted)?.text ?? ''
  const inputs = Object.keys(metafile.inputs)
  const seldom = seldomOf(metafile)
  const chunks = outputFiles
    .filter(({ path }) => path.endsWith('.js'))
    .map(({ path, text }) => ({
      path,
      text,
      sourceMap: textOf(`${path}.map`),
      isEntryPoint: metafile.outputs[relative(root, path)]?.entryPoint !== undefined,
    }))
  return {
    ...joinChunks(chunks, 'evi.js', ({ path }) => seldom.has(relative(root, path))),
    commands,
    licences: licences(root, inputs),
    packages: packagesOf(root, inputs),
  }
}

/** The program's start: the commands, each described and imported when it is called. */
function entry(commands: readonly string[]): string {
  const parts = commands.map((id) => {
    const file = `./src/commands/${id.replaceAll(':', '/')}.ts`
    return `'${id}': { describe: () => import('manifest:${id}'), load: () => import('${file}') },`
  })
  return `
    import pjson from './package.json'
    import { runProgram } from './src/lib/cli/program.ts'

    export const run = () => runProgram({ pjson, commands: {${parts.join('\n')}} })
  `
}
