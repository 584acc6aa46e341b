import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '#lib/version.ts'

/** Where `npm run release` puts what it makes. */
const releaseDirectory = fileURLToPath(new URL('../../build/release', import.meta.url))

/** The executable of this machine. */
export const executable = join(releaseDirectory, `evi-${version}-${process.platform}-${process.arch}`)

/** The .deb of this machine. */
export const deb = join(releaseDirectory, `evi_${version}_${process.arch === 'x64' ? 'amd64' : 'arm64'}.deb`)

/** The npm package. */
export const tarball = join(releaseDirectory, `evi-${version}.tgz`)
