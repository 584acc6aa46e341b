import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const fileOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const executable = process.env.EVI_EXECUTABLE ?? fileOf(`build/evi-linux-${process.arch}`)
/** Both ways in which evi is installed; the executable is there after `npm run package`. */
const programs = [
  ['the package', [process.execPath, fileOf('bin/run.js')], true],
  ['the executable', [executable], existsSync(executable)],
] as const

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>
  /** A line of shell that comes before evi. */
  readonly before?: string
}

/** Runs the program in a shell. */
function run(program: readonly string[], words: string, { environment, before = ':' }: Surroundings = {}) {
  const command = program.map((word) => `'${word}'`).join(' ')
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `${before}; exec ${command} ${words}`], {
    env: { PATH: process.env.PATH, HOME: directory, EVI_CONFIG_DIR: directory, ...environment },
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr }
}

const nothingStored = { code: 0, stdout: '{"subscriptions":[]}\n' }

describe.each(programs)('%s', (_, program, isBuilt) => {
  describe.runIf(isBuilt)('behaves as the other one does', () => {
    test.each([
      ['BUN_OPTIONS of its own', { BUN_OPTIONS: '--version' }],
      ['BUN_BE_BUN', { BUN_BE_BUN: '1' }],
      ['a proxy', { HTTP_PROXY: 'http://127.0.0.1:9', ALL_PROXY: 'http://127.0.0.1:9' }],
      ['the locale C', { LC_ALL: 'C' }],
      ['a time zone', { TZ: 'Pacific/Kiritimati' }],
      ['no variable at all', { HOME: '' }],
    ])('with %s in its environment', (_name, environment) => {
      expect(run(program, 'list --json', { environment })).toMatchObject(nothingStored)
    })

    test('and runs no foreign code that a variable of bun names', () => {
      const foreign = join(directory, 'foreign.cjs')
      writeFileSync(foreign, 'process.stdout.write("foreign")')
      for (const flag of ['--preload', '-r', '--require']) {
        const environment = { BUN_OPTIONS: `${flag} ${foreign}` }
        expect(run(program, 'list --json', { environment })).toMatchObject(nothingStored)
      }
    })

    test('and reads no configuration of bun in the working directory', () => {
      const foreign = join(directory, 'foreign.cjs')
      writeFileSync(foreign, 'process.stdout.write("foreign")')
      writeFileSync(join(directory, 'bunfig.toml'), `preload = ["${foreign}"]`)
      writeFileSync(join(directory, '.env'), 'EVI_TIMEOUT=none')
      expect(run(program, 'list --json', { before: `cd '${directory}'` })).toMatchObject(nothingStored)
    })

    test.each([
      ['a wrong argument', 'subscribe E_X', 64, /--host/],
      ['a socket that cannot be read', 'subscribe E_X rabbitmq:', 64, /rabbitmq:/],
      ['a command that is not there', 'nonsense', 64, /nonsense/],
      ['a broker that is not there', 'raise E_X -s rabbitmq:127.0.0.1:1/q', 69, /refuses the connection/],
      ['a prompt without a terminal', 'subscribe E_X rabbitmq:u@h/q --ask-password', 64, /no terminal/],
    ] as const)('at %s', (_name, words, code, said) => {
      const ended = run(program, `${words} < /dev/null`)
      expect(ended.code).toBe(code)
      expect(ended.stdout + ended.stderr).toMatch(said)
    })

    test('and ends with 74 where its output cannot be written', () => {
      expect(run(program, 'list --json > /dev/full')).toMatchObject({ code: 74 })
    })

    test('and with closed standard streams', () => {
      expect(run(program, 'list --json <&- 2>&-')).toMatchObject(nothingStored)
    })

    describe('in a working directory that was deleted', () => {
      const deleted = () => `mkdir '${directory}/gone'; cd '${directory}/gone'; rmdir '${directory}/gone'`

      test('and does what needs no file', () => {
        expect(run(program, 'list --json', { before: deleted() })).toMatchObject(nothingStored)
      })

      test.each([
        [
          'raise E_X --batch lines -s rabbitmq:127.0.0.1:1/q',
          66,
          'The file lines cannot be read (no such file)',
        ],
        [
          'raise - --failed lines -s rabbitmq:127.0.0.1:1/q',
          74,
          'The file lines of --failed cannot be written',
        ],
        [
          'tls-domain set office --ca ca.pem',
          66,
          'The path ca.pem leads nowhere, as the working directory was',
        ],
      ] as const)('and says of "%s" that there is no such file', (words, code, said) => {
        const ended = run(program, `${words} < /dev/null`, { before: deleted() })
        expect(ended.code).toBe(code)
        expect(ended.stderr).toContain(said)
      })
    })
  })
})
