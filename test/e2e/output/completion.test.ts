import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Evi } from '../../helpers/evi/evi.ts'
import { isInstalled, shellSetups, startShell, wordsOf } from '../../helpers/terminal/shells.ts'
import { keys, type Terminal } from '../../helpers/terminal/terminal.ts'

const { tab } = keys
const socket = 'rabbitmq:guest@127.0.0.1:5672/amq.topic?sip.pike'
const shells = Object.keys(shellSetups) as (keyof typeof shellSetups)[]

/** What is typed, and the words that the shell then has. */
const cases = [
  ['a command', `evi unsub${tab}`, '[evi][unsubscribe]'],
  ['a command of a topic', `evi tls-d${tab}rem${tab}`, '[evi][tls-domain][remove]'],
  ['a flag', `evi raise --verif${tab}`, '[evi][raise][--verify]'],
  ['a flag of evi itself', `evi --vers${tab}`, '[evi][--version]'],
  ['the value of a flag', `evi map --format mer${tab}`, '[evi][map][--format][mermaid]'],
  ['the value behind an equals sign', `evi map --format=mer${tab}`, '[evi][map][--format=mermaid]'],
  ['an event of the store', `evi list E_MI${tab}`, '[evi][list][E_MINE]'],
  ['an event of OpenSIPS', `evi raise E_DLG${tab}`, '[evi][raise][E_DLG_STATE_CHANGED]'],
  ['a socket', `evi unsubscribe E_PIKE_BLOCKED ${tab}`, `[evi][unsubscribe][E_PIKE_BLOCKED][${socket}]`],
  ['a socket behind its colon', `evi check -s rabbitmq:gu${tab}`, `[evi][check][-s][${socket}]`],
  ['a socket in quotes', `evi check --socket 'rabbitmq:guest@1${tab}`, `[evi][check][--socket][${socket}]`],
  [
    'a parameter',
    `evi raise E_PIKE_BLOCKED --param i${tab}10.0.0.1`,
    '[evi][raise][E_PIKE_BLOCKED][--param][ip=10.0.0.1]',
  ],
  ['a TLS domain', `evi tls-domain remove off${tab}`, '[evi][tls-domain][remove][office]'],
  ['a setting', `evi settings heart${tab}`, '[evi][settings][heartbeat]'],
  ['a file', `evi check --password-file note${tab}`, '[evi][check][--password-file][notes.txt]'],
  ['nothing where nothing fits', `evi nonsense x${tab}`, '[evi][nonsense][x]'],
] as const

describe.each(shells)('the completion for %s completes', (name) => {
  let evi: Evi
  let shell: Terminal | undefined
  beforeAll(async () => {
    evi = new Evi()
    if (!isInstalled(name)) return
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', socket])
    await evi.run(['subscribe', 'E_MINE', 'rabbitmq:other@h/q'])
    await evi.run(['tls-domain', 'set', 'office'])
    writeFileSync(join(evi.configDirectory, 'notes.txt'), '')
    shell = await startShell(name, evi)
  })
  afterAll(async () => {
    // It may write its history into the directory until it has ended.
    shell?.type(keys.clearLine, 'exit\r')
    await shell?.ended()
    await evi.dispose()
  })

  test.for(cases)('%s', async ([_what, typed, words], { skip }) => {
    if (!shell) return skip(`${name} is not installed`)
    expect(await wordsOf(shell, typed)).toBe(words)
  })

  test('also for an alias, and for a path from the home directory', async ({ skip }) => {
    if (!shell) return skip(`${name} is not installed`)
    const programs = join(evi.configDirectory, 'programs')
    copyFileSync(join(programs, 'evi'), join(programs, 'run.js'))
    shell.type(`alias evi=${programs}/run.js\r`)
    if (name === 'zsh') shell.type('source <(evi completion zsh)\r')
    expect(await wordsOf(shell, `evi unsub${tab}`)).toMatch(/\[unsubscribe\]$/)
    expect(await wordsOf(shell, `~/programs/evi unsub${tab}`)).toBe(`[${programs}/evi][unsubscribe]`)
    shell.type(name === 'fish' ? 'functions -e evi\r' : 'unalias evi\r')
  })

  test('nothing, and says nothing, where the store is damaged', async ({ skip }) => {
    if (!shell) return skip(`${name} is not installed`)
    writeFileSync(join(evi.configDirectory, 'subscriptions.json'), '{')
    const before = shell.text.length
    expect(await wordsOf(shell, `evi list E_MI${tab}`)).toBe('[evi][list][E_MI]')
    expect(await wordsOf(shell, `evi raise E_PIKE${tab}`)).toBe('[evi][raise][E_PIKE_BLOCKED]')
    expect(shell.text.slice(before)).not.toMatch(/damaged|subscriptions\.json|error/i)
  })
})

test('zsh shows each candidate on a line of its own on a narrow terminal', async ({ skip }) => {
  if (!isInstalled('zsh')) return skip('zsh is not installed')
  const evi = new Evi()
  const shell = await startShell('zsh', evi, { COLUMNS: '60' })
  const before = shell.text.length
  shell.type(`evi ${tab}${tab}`)
  await shell.shows('unsubscribe  -- remove a subscriber of an event')
  const lines = shell.text.slice(before).split(/\r?\n/)
  expect(lines.map((line) => line.trim())).toContain('list         -- list who is subscribed to which event')
  expect(lines.filter((line) => line.includes(' -- ') && line.length > 60)).toEqual([])
  shell.type(keys.clearLine, 'exit\r')
  await shell.ended()
  await evi.dispose()
})

describe('what a shell asks at each tab', () => {
  let evi: Evi
  beforeAll(() => {
    evi = new Evi()
  })
  afterAll(() => evi.dispose())
  const ask = async (line: string, environment: Record<string, string> = {}) =>
    await evi.run(['__complete', 'zsh'], { environment: { EVI_COMPLETE_LINE: line, ...environment } })

  test('is answered from the directory that evi uses', async () => {
    const home = { EVI_CONFIG_DIR: '', HOME: join(evi.configDirectory, 'home') }
    const xdg = { ...home, XDG_CONFIG_HOME: join(evi.configDirectory, 'xdg') }
    for (const [event, environment] of [['E_HOME', home] as const, ['E_XDG', xdg] as const]) {
      await evi.run(['subscribe', event, 'rabbitmq:h/q'], { environment })
      expect((await ask('evi list ', environment)).stdout).toBe(`words\n${event}\tsubscribed\n`)
    }
  })

  test('is answered with nothing, and 0, where evi does not know what', async () => {
    for (const line of ['', 'evi', 'evi nonsense ', `evi list "`, 'evi raise E_X --nonsense '])
      expect(await ask(line)).toMatchObject({ code: 0, stderr: '' })
    expect(await evi.run(['__complete'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('shows no password, neither of the store nor of the line', async () => {
    await evi.run(['subscribe', 'E_X', 'rabbitmq:alice:hush@h/q'])
    for (const line of ['evi unsubscribe E_X ', 'evi check -s rabbitmq:alice:hush@', 'evi check -s ']) {
      const { stdout, stderr } = await ask(line)
      expect(stdout + stderr).not.toContain('hush')
    }
  })
})
