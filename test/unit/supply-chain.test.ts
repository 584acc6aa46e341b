import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bundledLicences, licenceNameOf } from '../../scripts/bundle/licences.ts'

interface Locked {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'))
const { dependencies, devDependencies, optionalDependencies, peerDependencies, overrides, allowScripts } =
  read('package.json')
const lock = read('package-lock.json')
const { '': own, ...packages } = lock.packages as Readonly<Record<string, Locked>>
const locked = Object.entries(packages)

describe('package.json', () => {
  test('has exact versions, all of what is bundled or builds it, and nothing that an installed evi would fetch', () => {
    const versions = Object.entries(devDependencies as Record<string, string>)
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
    expect([dependencies, optionalDependencies, peerDependencies, overrides]).toEqual(
      Array(4).fill(undefined),
    )
  })

  test('lets exactly those packages run a script at installation that have one', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
    const names = scripted.map(([path, { version }]) => [`${nameOf(path)}@${version}`, true])
    expect(allowScripts).toEqual(Object.fromEntries(names))
  })
})

describe('package-lock.json', () => {
  test('is of this package.json', () => {
    expect(own).toMatchObject({ devDependencies })
    for (const [name, version] of Object.entries(devDependencies))
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version)
  })

  test('takes packages from the registry alone: none from git, another address or a directory', () => {
    expect(lock.lockfileVersion).toBe(3)
    const strange = locked.filter(
      ([path, { version, resolved, link }]) =>
        !/^(?:(?:^|\/)node_modules\/(?:@[\w.-]+\/)?[\w.-]+)+$/.test(path) ||
        !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version) ||
        resolved !== undefined ||
        link,
    )
    expect(strange).toEqual([])
  })

  test('has the hash of each', () => {
    const unhashed = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
    expect(unhashed).toEqual([])
  })
})

describe('the licence', () => {
  /** Of what builds and tests evi, and is no part of it. */
  const ofTools = ['MPL-2.0', 'CC-BY-3.0', 'CC0-1.0']

  test('of each package that is installed is a permitted one', () => {
    const installed = locked
      .map(([path]) => path)
      .filter((path) => existsSync(`${root}/${path}/package.json`))
    expect(installed.length).toBeGreaterThan(100)
    const others = installed
      .map((path) => [path, licenceNameOf(read(`${path}/package.json`))])
      .filter(([, licence]) => ![...bundledLicences, ...ofTools].includes(String(licence)))
    expect(others).toEqual([])
  })
})

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
