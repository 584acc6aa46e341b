// Writes the manifest of commands and dist/: the whole program in one file, and the man pages; --keep-manifest leaves the manifest
// that is there, and the list of man pages in package.json.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle/bundle.ts'
import { writeManPages } from './man.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

rmSync(`${root}/dist`, { recursive: true, force: true })
const renews = !process.argv.includes('--keep-manifest')
if (renews) {
  execFileSync(`${root}/node_modules/.bin/oclif`, ['manifest'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
await bundle(root)
writeManPages(root, { list: renews })
