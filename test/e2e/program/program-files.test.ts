import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

useEvi()
let copy: string
beforeEach(() => {
  copy = join(evi.configDirectory, 'copy')
  for (const directory of ['bin', 'dist'])
    cpSync(join(root, directory), join(copy, directory), { recursive: true })
})

const run = (...words: readonly string[]) => {
  const env = { EVI_CONFIG_DIR: evi.configDirectory, EVI_CACHE_DIR: join(copy, 'cache') }
  const { status, stderr } = spawnSync(process.execPath, [join(copy, 'bin/run.js'), ...words], {
    encoding: 'utf8',
    env,
  })
  return { status, stderr }
}

test('an everyday command runs without the file of the others', () => {
  rmSync(join(copy, 'dist/seldom.cjs'))
  expect(run('list', '--json')).toEqual({ status: 0, stderr: '' })
  const { status, stderr } = run('events')
  expect(status).toBe(70)
  expect(stderr).toMatch(/^evi: \S+seldom\.cjs cannot be read \(ENOENT\)\./)
})

test('evi says that it was replaced while it ran, and takes nothing from the other version', () => {
  const file = join(copy, 'dist/seldom.cjs')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"build":"\w+"/, '"build":"0123456789abcdef"'))
  const replaced = 'evi: It was replaced by another version while it ran.\n  Start it again.\n'
  expect(run('events')).toEqual({ status: 70, stderr: replaced })
})

test('a raise loads none of the modules of Node.js that take milliseconds', () => {
  const list = join(evi.configDirectory, 'list.cjs')
  const loaded = join(evi.configDirectory, 'loaded.json')
  const code = `fs.writeFileSync(${JSON.stringify(loaded)}, JSON.stringify(process.moduleLoadList))`
  writeFileSync(list, `const fs = require('fs'); process.on('exit', () => ${code})`)
  const env = { EVI_CONFIG_DIR: evi.configDirectory, EVI_CACHE_DIR: join(copy, 'cache') }
  const raise = ['raise', 'E_X', '--socket', 'rabbitmq:127.0.0.1:1/q', '--json']
  spawnSync(process.execPath, ['--require', list, join(copy, 'bin/run.js'), ...raise], { env })
  const modules: readonly string[] = JSON.parse(readFileSync(loaded, 'utf8'))
  const heavy = ['assert', 'child_process', 'crypto', 'http', 'https', 'readline', 'sqlite', 'tls', 'zlib']
  expect(modules).toContain('NativeModule net')
  expect(modules.filter((name) => heavy.includes(name.replace('NativeModule ', '')))).toEqual([])
})
