import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Writes SHA256SUMS of all files of a directory, as `sha256sum --check` reads it. */
export async function writeChecksums(directory: string): Promise<void> {
  const lines = []
  for (const name of readdirSync(directory).sort()) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(directory, name)), hash)
    lines.push(`${hash.digest('hex')}  ${name}\n`)
  }
  writeFileSync(join(directory, 'SHA256SUMS'), lines.join(''))
}
