// Writes the manifest of commands and dist/evi.cjs, the whole program in one file; --keep-manifest leaves the manifest
// that is there.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle/bundle.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

rmSync(`${root}/dist`, { recursive: true, force: true })
if (!process.argv.includes('--keep-manifest')) {
  execFileSync(`${root}/node_modules/.bin/oclif`, ['manifest'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
await bundle(root)
