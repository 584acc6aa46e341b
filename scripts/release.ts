// `npm run release`: all that a version of evi is given out as, in build/release/, with checksums.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { root } from './prepare.ts'
import { writeChecksums } from './release/checksums.ts'
import { makeExecutables } from './release/executables.ts'
import { packNpm } from './release/npm-tarball.ts'
import { targets } from './release/targets.ts'

const directory = join(root, 'build/release')
const { version } = manifest

rmSync(directory, { recursive: true, force: true })
packNpm(directory)
await makeExecutables(targets, ({ name }) => join(directory, `evi-${version}-${name}`))
await writeChecksums(directory)
process.stdout.write(
  `build/release:\n${readdirSync(directory)
    .map((name) => `  ${name}\n`)
    .join('')}`,
)
