import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '#lib/version.ts'
import packages from '../../package.json' with { type: 'json' }
import { executable } from './files.ts'

const expected = `evi/${version} ${process.platform}-${process.arch} bun-${packages.devDependencies.bun}\n`
let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'evi-executable-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('--version names bun, which runs evi, and its version', () => {
  expect(run(['--version']).stdout).toBe(expected)
})

describe('in a hostile directory', () => {
  let directory: string

  beforeAll(() => {
    directory = join(home, 'hostile')
    mkdirSync(directory)
    const files = {
      'hostile.js': "console.log('hostile')",
      'bunfig.toml': 'preload = ["./hostile.js"]',
      '.env': `EVI_CONFIG_DIR=${directory}/config\nEVI_DEBUG=1\nBUN_OPTIONS=--version\n`,
      '.env.production': `EVI_CONFIG_DIR=${directory}/config\n`,
      'package.json':
        '{"name":"hostile","version":"9.9.9","imports":{"#lib/*":"./hostile.js"},"oclif":{"bin":"hostile"}}',
      'tsconfig.json': '{"compilerOptions":{"baseUrl":".","paths":{"*":["./hostile.js"]}}}',
    }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
  })

  test('no file changes what evi does', () => {
    const subscribed = run(['subscribe', 'E_TEST', 'rabbitmq:127.0.0.1/hostile'], { cwd: directory })
    expect([subscribed.status, subscribed.stderr + subscribed.stdout]).toEqual([
      0,
      expect.not.stringContaining('hostile\n'),
    ])
    expect(run(['list'], { cwd: home }).stdout).toContain('E_TEST')
    expect(run(['--version'], { cwd: directory }).stdout).toBe(expected)
  })

  test.each([
    ['NODE_OPTIONS', '--require ./hostile.js'],
    ['NODE_OPTIONS', '--no-such-option'],
    ['NODE_PATH', '.'],
    ['BUN_OPTIONS', '--preload ./hostile.js'],
    ['BUN_OPTIONS', '--version'],
    ['BUN_BE_BUN', '1'],
    ['BUN_INSPECT', '127.0.0.1:0/hostile'],
    ['BUN_INSPECT_PRELOAD', './hostile.js'],
    ['NODE_ENV', 'development'],
  ])('%s=%s changes nothing', (name, value) => {
    const { status, stdout, stderr } = run(['--version'], { cwd: directory, environment: { [name]: value } })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expected, stderr: '' })
  })
})

test('in a directory that was removed evi runs', () => {
  const script = `mkdir "${home}/removed" && cd "${home}/removed" && rmdir "${home}/removed" && "${executable}" list`
  const environment = { HOME: home, EVI_CONFIG_DIR: join(home, 'empty') }
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: environment })
  expect(stderr).toMatch(/^There are no subscriptions/)
  expect(status).toBe(0)
})

test('without /proc evi says what to mount, and asks for no report to bun', (context) => {
  const namespace = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c']
  const mount = 'mount -t tmpfs tmpfs /proc'
  const [unshare = '', ...rest] = namespace
  if (spawnSync(unshare, [...rest, mount]).status !== 0)
    context.skip('This user may not make a mount namespace.')
  const { stderr } = spawnSync(unshare, [...rest, `${mount}; "${executable}" --version`], {
    encoding: 'utf8',
  })
  expect(stderr).toContain('evi has crashed.')
  expect(stderr).toContain('mount -t proc proc /proc')
  expect(stderr).not.toMatch(/bun\.report|Bun's team|bug in Bun/)
})

interface RunOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

function run(words: readonly string[], { cwd = home, environment }: RunOptions = {}) {
  return spawnSync(executable, words, {
    cwd,
    encoding: 'utf8',
    env: { HOME: home, PATH: '/usr/bin:/bin', ...environment },
  })
}
