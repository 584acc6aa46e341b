import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { version } from '#lib/version.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { installGlobally, type NpmPackage, packFreshClone } from '../../helpers/evi/npm-package.ts'
import { deadLinksOf } from '../../helpers/links.ts'

let directory: string
let installed: string
let packed: NpmPackage

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-npm-'))
  packed = packFreshClone(directory)
  installed = installGlobally(packed.tarball, join(directory, 'prefix'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('npm pack in a fresh clone builds the program and takes less than a megabyte', () => {
  expect(packed.files).toContain('dist/evi.cjs')
  expect(packed.files).toContain('dist/seldom.cjs')
  expect(packed.files.filter((file) => /^(?:src|test|scripts|node_modules)\//.test(file))).toEqual([])
  expect(packed.size).toBeLessThan(1_000_000)
})

test('the package that npm installed says its version and raises an event', () => {
  expect(evi('--version').stdout).toMatch(`evi/${version} `)
  const { host, port } = testBroker
  const raised = evi('raise', 'E_TEST', '--json', '--socket', `rabbitmq:${host}:${port}/of-npm-package-test`)
  expect([raised.status, JSON.parse(raised.stdout).results[0].status]).toEqual([5, 'unroutable'])
})

test('each link of a page in the package leads to a file in the package', () => {
  const root = join(directory, 'prefix/lib/node_modules/evi')
  const pages = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  )
  expect(pages).toContain('README.md')
  const dead = pages.flatMap((page) => deadLinksOf(join(root, page)).map((link) => [page, link]))
  expect(dead).toEqual([])
})

test('npm uninstall leaves nothing of the package behind', () => {
  const prefix = join(directory, 'removed')
  installGlobally(packed.tarball, prefix)
  execFileSync('npm', ['uninstall', '--global', '--prefix', prefix, 'evi'], { stdio: 'ignore' })
  const left = readdirSync(prefix, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('evi'),
  )
  expect(left).toEqual([])
})

function evi(...words: string[]) {
  const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  return spawnSync(join(installed, 'evi'), words, { encoding: 'utf8', env: { PATH, HOME: directory } })
}
