// Writes the manifest of commands and dist/: the whole program in one file, and the man pages; --keep-manifest leaves the manifest
// that is there, and the list of man pages in package.json.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle/bundle.ts'
import { writeManPages } from './docs/man.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

rmSync(`${root}/dist`, { recursive: true, force: true })
const renews = !process.argv.includes('--keep-manifest')
if (renews) {
  execFileSync(`${root}/node_modules/.bin/oclif`, ['manifest'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  sortCommands(`${root}/oclif.manifest.json`)
}
await bundle(root)
writeManPages(root, { list: renews })

/** oclif writes the commands in the order in which it happened to read their files. */
function sortCommands(path) {
  const text = readFileSync(path, 'utf8')
  const manifest = JSON.parse(text)
  const depth = (id) => id.split(':').length
  const ids = Object.keys(manifest.commands).sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  const commands = Object.fromEntries(ids.map((id) => [id, manifest.commands[id]]))
  const sorted = JSON.stringify({ ...manifest, commands }, null, 2)
  writeFileSync(path, text.endsWith('\n') ? `${sorted}\n` : sorted)
}
