import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The npm package, as `npm pack` makes it in a fresh clone. */
export interface NpmPackage {
  readonly tarball: string
  /** Bytes of the tarball. */
  readonly size: number
  readonly files: readonly string[]
}

/** Packs the sources as they are here, from a directory that has no build; node_modules is shared. */
export function packFreshClone(directory: string): NpmPackage {
  const clone = join(directory, 'clone')
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  for (const file of execFileSync('git', listed, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)) {
    mkdirSync(dirname(join(clone, file)), { recursive: true })
    cpSync(join(root, file), join(clone, file), { force: true })
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  const packed = npm(['pack', '--json', '--pack-destination', directory], clone)
  const [{ filename, size, files }] = JSON.parse(packed)
  return { tarball: join(directory, filename), size, files: files.map(({ path }: { path: string }) => path) }
}

/** Installs a tarball as `npm install --global` does, without a registry. Returns the directory of its program. */
export function installGlobally(tarball: string, prefix: string): string {
  npm(['install', '--global', '--offline', '--prefix', prefix, tarball], prefix)
  return join(prefix, 'bin')
}

function npm(words: readonly string[], cwd: string): string {
  mkdirSync(cwd, { recursive: true })
  // The settings of the npm that runs the tests are not for this one.
  const environment = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  return execFileSync('npm', words, { cwd, encoding: 'utf8', env: Object.fromEntries(environment) })
}
