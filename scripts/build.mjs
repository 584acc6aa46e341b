// Compiles src to dist and writes the manifest of commands; --keep-manifest leaves the one that is there.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = (command, ...words) =>
  execFileSync(`node_modules/.bin/${command}`, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })

rmSync(`${root}/dist`, { recursive: true, force: true })
run('tsc', '-p', 'tsconfig.build.json')
if (!process.argv.includes('--keep-manifest')) run('oclif', 'manifest')
