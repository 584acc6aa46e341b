import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '#lib/version.ts'

/** Where `npm run release` puts what it makes. */
const releaseDirectory = fileURLToPath(new URL('../../build/release', import.meta.url))

/** The executable of this machine. */
export const executable = join(releaseDirectory, `evi-${version}-${process.platform}-${process.arch}`)
