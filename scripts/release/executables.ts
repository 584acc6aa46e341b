import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundleProgram } from '../bundle/bundle.ts'
import { root, runs } from '../prepare.ts'
import { bunOf } from './bun-of.ts'
import { renameInBun } from './rename-in-bun.ts'
import type { Target } from './targets.ts'

const options = [
  '--compile',
  // Or NODE_ENV is 'development' in it, for which oclif warns of its own affairs.
  '--production',
  // Without it the program is compiled anew at each start, which takes twice as long as a raise.
  '--bytecode',
  // What lies in the directory where evi is called is not for evi.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
  // With an argument of its own, bun starts in a working directory that was deleted; it ends with its own error without one.
  '--compile-exec-argv=--config=/dev/null',
]

/**
 * Compiles evi with each platform's bun into one file, `fileOf(target)`, and writes the licences of what is in it
 * beside it.
 *
 * @throws Error when one of them cannot be made
 */
export async function makeExecutables(
  targets: readonly Target[],
  fileOf: (target: Target) => string,
): Promise<void> {
  const program = await bundleProgram(root)
  const work = mkdtempSync(join(tmpdir(), 'evi-package-'))
  try {
    writeFileSync(join(work, 'run.cjs'), "require('./evi.cjs').run()\n")
    writeFileSync(join(work, 'evi.cjs'), withRequire(program.text))
    for (const target of targets) {
      const outfile = fileOf(target)
      mkdirSync(dirname(outfile), { recursive: true })
      writeFileSync(join(dirname(outfile), 'LICENCES.txt'), program.licences)
      const bun = join(work, `bun-${target.name}`)
      writeFileSync(bun, renameInBun(readFileSync(bunOf(target))), { mode: 0o755 })
      const where = [`--target=${target.bunTarget}`, `--compile-executable-path=${bun}`, '--outfile', outfile]
      if (!runs('bun', 'build', ...options, join(work, 'run.cjs'), ...where))
        throw new Error(`bun did not compile evi for ${target.name}.`)
    }
  } finally {
    rmSync(work, { recursive: true })
  }
}

/**
 * The program with Node's modules in calls of `require`: where their names stand there, bun has them at hand, and for
 * any other call it looks for them at run time, which doubles the time of a start.
 */
function withRequire(text: string): string {
  return text.replaceAll(/\b(?:node|process\.getBuiltinModule)\("/g, 'require("')
}
