// `npm run package`: evi and what runs it in one file, for machines without Node: the program of dist/, compiled by bun.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleProgram } from './bundle/bundle.ts'
import { root, runs } from './prepare.ts'

const options = [
  '--compile',
  '--target=bun-linux-x64',
  // Or NODE_ENV is 'development' in it, for which oclif warns of its own affairs.
  '--production',
  // Without it the program is compiled anew at each start, which takes twice as long as a raise.
  '--bytecode',
  // What lies in the directory where evi is called is not for evi.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
]

const program = await bundleProgram(root)
const sources = mkdtempSync(join(tmpdir(), 'evi-package-'))
try {
  writeFileSync(join(sources, 'run.cjs'), "require('./evi.cjs').run()\n")
  writeFileSync(join(sources, 'evi.cjs'), program.text)
  mkdirSync(join(root, 'build'), { recursive: true })
  writeFileSync(join(root, 'build/LICENCES.txt'), program.licences)
  const done = runs('bun', 'build', ...options, join(sources, 'run.cjs'), '--outfile', 'build/evi-linux-x64')
  process.exitCode = done ? 0 : 1
} finally {
  rmSync(sources, { recursive: true })
}
