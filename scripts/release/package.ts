// `npm run package [-- linux-arm64 …]`: evi and what runs it in one file, for machines without Node: the program of
// dist/, compiled by bun; for this machine, or for the platforms that are named.
import { join } from 'node:path'
import { root } from '../prepare.ts'
import { makeExecutables } from './executables.ts'
import { ownTarget, targetsNamed } from './targets.ts'

const names = process.argv.length > 2 ? process.argv.slice(2) : [ownTarget]
await makeExecutables(targetsNamed(names), ({ name }) => join(root, `build/evi-${name}`))
