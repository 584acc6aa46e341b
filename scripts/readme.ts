// Writes the reference of commands into README.md; with --check it writes nothing and fails when that would change it.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildIfStale, root, runs } from './prepare.ts'

const words = process.argv.slice(2)
const readme = resolve(words.find((word) => word !== '--check') ?? join(root, 'README.md'))
const checking = words.includes('--check')
// What is written comes from the manifest, which only a whole build renews.
if (!(checking ? buildIfStale() : runs(process.execPath, 'scripts/build.mjs'))) process.exit(1)
if (checking) check()
else writeReference(readme)

function check(): void {
  const directory = mkdtempSync(join(tmpdir(), 'evi-readme-'))
  try {
    const fresh = join(directory, 'README.md')
    copyFileSync(readme, fresh)
    writeReference(fresh)
    if (readFileSync(fresh, 'utf8') === readFileSync(readme, 'utf8')) return
    process.stderr.write('README.md does not have the commands as they are. Run: npm run readme\n')
    process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function writeReference(file: string): void {
  // It looks for what tsc compiled, of which there is nothing.
  const options = ['--no-source-links', '--tsconfig-path', 'none', '--readme-path', file]
  execFileSync('node_modules/.bin/oclif', ['readme', ...options], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
