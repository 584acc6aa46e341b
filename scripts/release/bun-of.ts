import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.ts'
import { ownTarget, type Target } from './targets.ts'

/**
 * The path of a platform's bun, of the version that package-lock.json has. Another platform's is fetched into
 * build/bun, and taken only with the hash that package-lock.json has of it.
 */
export function bunOf({ name, bunPackage }: Target): string {
  if (name === ownTarget) return join(root, 'node_modules/bun/bin/bun.exe')
  const { version, integrity } = lockedPackage(bunPackage)
  const directory = join(root, 'build/bun', version, name)
  const bun = join(directory, 'package/bin/bun')
  if (!existsSync(bun)) fetch({ specifier: `${bunPackage}@${version}`, integrity, directory })
  return bun
}

function lockedPackage(name: string): { version: string; integrity: string } {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`]
}

function fetch(of: { specifier: string; integrity: string; directory: string }): void {
  mkdirSync(join(of.directory, '..'), { recursive: true })
  const draft = mkdtempSync(`${of.directory}.`)
  try {
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', draft, of.specifier], {
      cwd: draft,
      encoding: 'utf8',
    })
    const [{ filename, integrity }] = JSON.parse(packed)
    if (integrity !== of.integrity)
      throw new Error(`${of.specifier} is not the one of package-lock.json: ${integrity}`)
    execFileSync('tar', ['-xzf', join(draft, filename), '-C', draft])
    rmSync(join(draft, filename))
    renameSync(draft, of.directory)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}
