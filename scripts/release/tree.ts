import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { constants, gzipSync } from 'node:zlib'

/** Writes a file for everyone to read, and the directories above it. */
export function writeFile(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, content, { mode: 0o644 })
}

/** Writes a text compressed as Debian wants it: as small as can be, and without the time. */
export function writeGzipped(path: string, text: string | Buffer): void {
  writeFile(path, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }))
}

/** The files of a tree, relative to it, but for those of dpkg. */
export function filesOf(tree: string): readonly string[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(tree, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('DEBIAN/'))
    .sort()
}

/** What dpkg has as md5sums: a line for each file. */
export function md5sums(tree: string): string {
  const sum = (file: string) =>
    createHash('md5')
      .update(readFileSync(join(tree, file)))
      .digest('hex')
  return filesOf(tree)
    .map((file) => `${sum(file)}  ${file}\n`)
    .join('')
}

/** Gives all the modes that Debian wants, whatever the umask and the modes in the clone. */
export function setModes(tree: string): void {
  chmodSync(tree, 0o755)
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const isProgram = entry.isDirectory() || path === join(tree, 'usr/bin/evi')
    chmodSync(path, isProgram ? 0o755 : 0o644)
  }
}
