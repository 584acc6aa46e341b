// `npm run release [-- linux-x64 …]`: all that a version of evi is given out as, in build/release/, with checksums; for
// all platforms, or for those that are named.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { root } from '../prepare.ts'
import { writeChecksums } from './checksums.ts'
import { makeDeb } from './deb.ts'
import { makeExecutables } from './executables.ts'
import { writeNotes } from './notes.ts'
import { packNpm } from './npm-tarball.ts'
import { writeSbom } from './sbom.ts'
import { targetsNamed } from './targets.ts'

const directory = join(root, 'build/release')
const { version } = manifest

const targets = targetsNamed(process.argv.slice(2))

rmSync(directory, { recursive: true, force: true })
packNpm(directory)
await makeExecutables(targets, ({ name }) => join(directory, `evi-${version}-${name}`))
const licences = readFileSync(join(directory, 'LICENCES.txt'), 'utf8')
for (const { name, debian } of targets) {
  const executable = join(directory, `evi-${version}-${name}`)
  if (debian) makeDeb({ architecture: debian, executable, licences, directory })
}
await writeSbom(directory)
writeNotes(directory)
await writeChecksums(directory)
const files = readdirSync(directory).map((name) => `  ${name}\n`)
process.stdout.write(`build/release:\n${files.join('')}`)
