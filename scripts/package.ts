// `npm run package [-- linux-arm64 …]`: evi and what runs it in one file, for machines without Node: the program of
// dist/, compiled by bun; for this machine, or for the platforms that are named.
import { join } from 'node:path'
import { root } from './prepare.ts'
import { makeExecutables } from './release/executables.ts'
import { ownTarget, targets } from './release/targets.ts'

const names = process.argv.length > 2 ? process.argv.slice(2) : [ownTarget]
const unknown = names.filter((name) => !targets.some((target) => target.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no executable for ${unknown.join(', ')}, only for: ${targets.map(({ name }) => name).join(', ')}.\n`,
  )
  process.exit(64)
}
const wanted = targets.filter(({ name }) => names.includes(name))
await makeExecutables(wanted, ({ name }) => join(root, `build/evi-${name}`))
