import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import manifest from '../../../oclif.manifest.json' with { type: 'json' }
import packageJson from '../../../package.json' with { type: 'json' }
import { Evi } from '../../helpers/evi/evi.ts'
import { isInstalled } from '../../helpers/terminal/shells.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

let evi: Evi
beforeAll(() => {
  evi = new Evi()
})
afterAll(() => evi.dispose())

const ids = Object.keys(manifest.commands)
const titlesOf = (help: string) => help.match(/^[A-Z][A-Z ]+$/gm)

describe('evi alone', () => {
  test('shows three examples, and then every command in the group of what it is for', async () => {
    const { code, stdout, stderr } = await evi.run([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(titlesOf(stdout)).toEqual(['EXAMPLES', 'START', 'WIRING', 'EVENTS', 'DIAGNOSE'])
    expect(stdout.match(/^ {2}\$ evi /gm)).toHaveLength(3)
    for (const name of new Set(ids.map((id) => id.split(':')[0])))
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'))
    expect(stdout).toMatch(/Documentation: /)
  })

  test.each([['--help'], ['-h'], ['help']])('shows the same as evi %s', async (word) => {
    expect((await evi.run([word])).stdout).toBe((await evi.run([])).stdout)
  })
})

describe('the help of a command', () => {
  test('begins with examples and ends with where to read on', async () => {
    const { stdout } = await evi.run(['raise', '--help'])
    expect(titlesOf(stdout)?.slice(0, 3)).toEqual(['EXAMPLES', 'USAGE', 'ARGUMENTS'])
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Documentation: /)
  })

  test('has a usage of one line, as in the man page', async () => {
    for (const [id, usage] of [
      ['raise', 'EVENT [FLAGS]'],
      ['check', '[EVENT] [FLAGS]'],
      ['context copy', 'FROM TO [FLAGS]'],
      ['tail', '[EVENT...] [FLAGS] [-- COMMAND...]'],
    ] as const) {
      const { stdout } = await evi.run([...id.split(' '), '--help'])
      expect(stdout).toContain(`\nUSAGE\n  $ evi ${id} ${usage}\n\n`)
    }
  })

  test('has a prompt before each example, and names the values as the man page does', async () => {
    const { stdout } = await evi.run(['raise', '--help'])
    expect(stdout).toContain("  $ echo '{")
    expect(stdout).toMatch(/ -s, --socket=SOCKET\.\.\. /)
    expect(stdout).not.toContain('<value>')
    expect((await evi.run(['completion', '--help'])).stdout).toContain('  $ source <(evi completion zsh)\n')
  })

  test('is the same by --help, also behind other flags, and by evi help', async () => {
    const { stdout } = await evi.run(['help', 'raise'])
    for (const argv of [
      ['raise', '-h'],
      ['raise', 'E_X', '--param', 'a=b', '--help'],
    ])
      expect((await evi.run(argv)).stdout).toBe(stdout)
  })

  test('of a topic lists its commands', async () => {
    const { stdout } = await evi.run(['tls-domain'])
    for (const name of ['list', 'remove', 'set']) expect(stdout).toContain(`tls-domain ${name}`)
  })
})

describe.each([40, 80, 200])('on a terminal of %i columns', (columns) => {
  test.each([[[]], [['tail', '--help']], [['raise', '--help']], [['tls-domain']]])(
    'no line of the help of evi %j is wider, but for commands to be copied',
    async (words) => {
      await using terminal = new Terminal(evi, words, { COLUMNS: String(columns) })
      expect(await terminal.ended()).toBe(0)
      const lines = terminal.text.split(/\r?\n/)
      const isWide = (line: string) => line.length > columns && !/^ *\$ (?!.* {2})|https?:/.test(line)
      expect(lines.filter(isWide)).toEqual([])
    },
  )
})

describe('man pages', () => {
  const directory = fileURLToPath(new URL('../../../dist/man', import.meta.url))
  const pages = ['evi', ...ids.map((id) => `evi-${id.replaceAll(':', '-')}`)].map((name) => `${name}.1`)
  const reason = 'man is not installed'

  test('are there for evi and each command', () => {
    expect(readdirSync(directory).sort()).toEqual(pages.toSorted())
  })

  test('are listed in package.json, by which npm installs them', () => {
    expect(packageJson.man, 'To renew it: npm run build').toEqual(pages.map((page) => `./dist/man/${page}`))
  })

  test.for(pages)('%s gives man nothing to warn of', (page, { skip }) => {
    skip(!isInstalled('man'), reason)
    const words = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', join(directory, page)]
    const { status, stderr } = spawnSync('man', words, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('are shown by evi help --man, in any locale', async ({ skip }) => {
    skip(!isInstalled('man'), reason)
    for (const LC_ALL of ['C', 'C.UTF-8', 'xx_XX.UTF-8']) {
      const { code, stdout } = await evi.run(['help', '--man', 'raise'], { environment: { LC_ALL } })
      expect(code).toBe(0)
      expect(stdout).toMatch(/^EVI-RAISE\(1\).*[\s\S]*--param=NAME=VALUE[\s\S]*evi raise E_PIKE_BLOCKED/)
    }
    expect((await evi.run(['help', '--man'])).stdout).toMatch(/^EVI\(1\)/)
  })

  test('stay shown on a terminal at Ctrl-C, which is for the pager', async ({ skip }) => {
    skip(!isInstalled('man'), reason)
    const pager = join(evi.configDirectory, 'pager')
    const waiting = 'read key </dev/tty || read key </dev/tty'
    const script = `cat >/dev/null; trap 'echo heard' INT; echo shown; ${waiting}; exit 0`
    writeFileSync(pager, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    await using terminal = new Terminal(evi, ['help', '--man', 'raise'], {
      MANPAGER: pager,
      LC_ALL: 'C.UTF-8',
    })
    await terminal.shows('shown')
    terminal.type(keys.interrupt)
    await terminal.shows('heard')
    terminal.type('q\r')
    expect(await terminal.ended()).toBe(0)
  })

  test('are missing for what is no command, which ends with 64', async () => {
    expect(await evi.run(['help', '--man', 'raies'])).toMatchObject({
      code: 64,
      stdout: '',
      stderr: 'evi: There is no command "raies".\n  Did you mean: evi raise\n',
    })
  })

  test('cannot be shown without man, which is said in a sentence', async () => {
    const { code, stderr } = await evi.run(['help', '--man', 'raise'], { environment: { PATH: '/nowhere' } })
    expect(code).toBe(4)
    expect(stderr).toBe(
      'evi: There is no program man here.\n  Install it (Debian: man-db), or leave --man out.\n',
    )
  })
})
