import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { beforeEach, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

// The package's start on Node.js, whatever program the other tests are of.
const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

let directory: string
useEvi()
beforeEach(() => {
  directory = join(evi.configDirectory, 'cache')
})

const run = (
  words: readonly string[],
  environment: Readonly<Record<string, string>> = { EVI_CACHE_DIR: directory },
) =>
  execFileSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env: { EVI_CONFIG_DIR: evi.configDirectory, ...environment },
  })
const list = () => run(['list', '--json'])
const empty = '{"subscriptions":[]}\n'
const files = (of = directory) => readdirSync(of).map((name) => join(of, name))
const stateOf = (file: string) => {
  const { ino, mtimeMs } = statSync(file)
  return { ino, mtimeMs }
}

test('the first use of a command keeps its code, for the user alone, and the next one leaves it as it is', () => {
  expect(list()).toBe(empty)
  const [file = '', ...others] = files()
  expect(others).toEqual([])
  expect(file).toMatch(new RegExp(`-${process.version}-${process.arch}-.*list\\.cache$`))
  expect([statSync(directory).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
  const before = stateOf(file)
  expect(list()).toBe(empty)
  expect(stateOf(file)).toEqual(before)
})

test('code that V8 refuses is made anew', () => {
  list()
  const [file = ''] = files()
  const whole = readFileSync(file)
  const broken = Buffer.from(whole)
  broken.fill(0, 0, 64)
  writeFileSync(file, broken)
  expect(list()).toBe(empty)
  expect(readFileSync(file).subarray(0, 64).equals(broken.subarray(0, 64))).toBe(false)
})

test('the program starts slowly and replaces its code when any bit of it is flipped', {
  timeout: 120_000,
}, () => {
  list()
  const [file = ''] = files()
  const whole = readFileSync(file)
  for (let flip = 0; flip < 60; flip++) {
    const damaged = Buffer.from(whole)
    // In each part of the file, with all bits of a byte in turn.
    const place = Math.floor((flip * whole.length) / 59.999) % whole.length
    damaged[place] = (damaged[place] ?? 0) ^ (1 << (flip % 8))
    expectReplaced(file, damaged)
  }
})

test.each([0, 0.2, 0.5, 0.7, 0.99])(
  'the program starts slowly and replaces its code when a block is zeroed at %d of its length',
  (part) => {
    list()
    const [file = ''] = files()
    const damaged = readFileSync(file)
    const start = Math.floor((part * damaged.length) / 4096) * 4096
    damaged.fill(0, start, start + 4096)
    expectReplaced(file, damaged)
  },
)

/** Expects a run with the damaged code to work as ever, and to leave whole code. */
function expectReplaced(file: string, damaged: Buffer): void {
  writeFileSync(file, damaged)
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, 'list', '--json'], {
    encoding: 'utf8',
    env: { EVI_CONFIG_DIR: evi.configDirectory, EVI_CACHE_DIR: directory },
  })
  expect({ status, signal, stdout, stderr }).toEqual({ status: 0, signal: null, stdout: empty, stderr: '' })
  const after = readFileSync(file)
  const half = after.length / 2
  expect(after.subarray(0, half).equals(after.subarray(half))).toBe(true)
  expect(after.equals(damaged)).toBe(false)
}

test('a run that comes further than those before it keeps the code of more', () => {
  run(['raise', 'E_X', '--dry-run', '--json'])
  const [file = ''] = files()
  const { size } = statSync(file)
  expect(() => run(['raise', 'E_X', '-s', 'rabbitmq:127.0.0.1:1/q', '--json'])).toThrow()
  expect(statSync(file).size).toBeGreaterThan(size)
})

test.each([
  ['torn', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 5000))],
  ['empty', (file: string) => writeFileSync(file, '')],
  ['of something else', (file: string) => writeFileSync(file, 'hello\n'.repeat(1000))],
  ['writable by others', (file: string) => chmodSync(file, 0o666)],
])('a file that is %s is not taken, and replaced', (_, damage) => {
  list()
  const [file = ''] = files()
  const { ino } = statSync(file)
  damage(file)
  expect(list()).toBe(empty)
  expect(statSync(file).ino).not.toBe(ino)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a symbolic link is not followed', () => {
  list()
  const [file = ''] = files()
  const elsewhere = join(evi.configDirectory, 'elsewhere')
  execFileSync('mv', [file, elsewhere])
  symlinkSync(elsewhere, file)
  const before = stateOf(elsewhere)
  expect(list()).toBe(empty)
  expect(stateOf(elsewhere)).toEqual(before)
})

test.each([
  ['no home', {}],
  ['a home that is not there', { HOME: '/nowhere' }],
  ['a directory below /proc', { EVI_CACHE_DIR: '/proc/evi' }],
  ["a file in the directory's place", { EVI_CACHE_DIR: '/etc/hosts' }],
  ['a relative directory', { EVI_CACHE_DIR: 'not/there' }],
])('%s: evi works without', (_, environment) => {
  expect(run(['list', '--json'], environment)).toBe(empty)
  expect(existsSync('not')).toBe(false)
})

test.each([
  ['the user alone', 0o700, 'code of another'],
  ['the group, too,', 0o770, empty],
  ['everyone', 0o707, empty],
])(
  'the code in a directory to which %s may write is run only if it is the user alone',
  (_, mode, expected) => {
    list()
    const [file = ''] = files()
    const other = otherCode()
    writeFileSync(file, Buffer.concat([other, other]))
    chmodSync(directory, mode)
    expect(list()).toBe(expected)
  },
)

/** Code that V8 takes for that of evi, as it compares the length of the source only. */
function otherCode(): Buffer {
  const { length } = readFileSync(join(program, '../../dist/evi.cjs'), 'latin1')
  const source = `(function (module) {
    const run = process.stdout.write.bind(process.stdout, 'code of another')
    module.exports = { run, chunksRun: Number }
  })`
  const script = new Script(source.padEnd(length))
  // V8 keeps the code only of functions that ran.
  script.runInThisContext()({})
  return Buffer.concat([script.createCachedData(), Buffer.from('\nevi code cache 0')])
}

test('a directory that others can write to is not used', () => {
  mkdirSync(directory)
  chmodSync(directory, 0o777)
  expect(list()).toBe(empty)
  expect(files()).toEqual([])
})

test('the places are those of the XDG base directories', () => {
  const home = evi.configDirectory
  run(['list', '--json'], { HOME: home })
  expect(files(join(home, '.cache/evi'))).toHaveLength(1)
  run(['list', '--json'], { HOME: home, XDG_CACHE_HOME: join(home, 'xdg') })
  expect(files(join(home, 'xdg/evi'))).toHaveLength(1)
})

test('other flags of Node.js have code of their own', () => {
  list()
  run(['list', '--json'], { EVI_CACHE_DIR: directory, NODE_OPTIONS: '--stack-trace-limit=20' })
  expect(files()).toHaveLength(2)
})

test('many first uses at once leave one whole file', async () => {
  const script = Array.from({ length: 8 }, () => `"${process.execPath}" "${program}" list --json & `).join(
    '\n',
  )
  const { stdout } = await evi.shell(`export EVI_CACHE_DIR="${directory}"\n${script}\nwait`)
  expect(stdout).toBe(empty.repeat(8))
  expect(files()).toHaveLength(1)
  expect(list()).toBe(empty)
})

test('the draft of a killed run is removed with the next writing, and that of a running one is left', () => {
  mkdirSync(directory, { mode: 0o700 })
  const { pid } = spawnSync('true')
  const [ofKilled, ofRunning] = [pid, process.pid].map((of) => join(directory, `x-list.cache.${of}`))
  for (const draft of [ofKilled ?? '', ofRunning ?? '']) writeFileSync(draft, '')
  expect(list()).toBe(empty)
  expect(files()).toHaveLength(2)
  expect(files()).toContain(ofRunning)
})

test('what was not used for a month is removed with the next writing', () => {
  list()
  const old = join(directory, '0-v0.0.0-x64-0-list.cache')
  writeFileSync(old, '')
  utimesSync(old, 0, 0)
  run(['--version'])
  expect(existsSync(old)).toBe(false)
  expect(files()).toHaveLength(2)
})
