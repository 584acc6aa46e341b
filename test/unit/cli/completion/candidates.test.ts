import { describe, expect, test } from 'vitest'
import { complete, type KnownNames } from '#lib/cli/completion/candidates.ts'
import type { Program } from '#lib/cli/completion/typed-command.ts'
import manifest from '../../../../oclif.manifest.json' with { type: 'json' }
import packageJson from '../../../../package.json' with { type: 'json' }

const program: Program = {
  commands: Object.values(manifest.commands) as unknown as Program['commands'],
  topics: Object.entries(packageJson.oclif.topics).map(([name, topic]) => ({ ...topic, name })),
}
const named = async (...values: string[]) => values.map((value) => ({ value }))
const names: KnownNames = {
  storedEvents: () => named('E_STORED'),
  openSipsEvents: () => named('E_OPENSIPS'),
  sockets: (event) => named(event === undefined ? 'every-socket' : `socket-of-${event}`),
  tlsDomains: () => named('office'),
  contexts: () => named('default', 'staging'),
  params: (event) => named(`param-of-${event}=`),
}
const offers = async (line: string) => {
  const words = line.split(' ')
  const current = words.pop() ?? ''
  const completion = await complete({ words, current }, program, names)
  return completion.kind === 'words' ? completion.candidates.map(({ value }) => value) : completion.kind
}

describe('completion offers', () => {
  test('every command and topic, and no command of a topic, at first', async () => {
    const ids = Object.keys(manifest.commands)
    const expected = new Set(ids.map((id) => id.split(':')[0]))
    expect(await offers('')).toEqual([...expected].sort())
  })

  test.each<[string, string[] | string]>([
    ['tls-domain ', ['list', 'remove', 'set']],
    ['help tls-domain ', ['list', 'remove', 'set']],
    ['nonsense ', []],
    ['-', ['--help', '--version']],
    ['list ', ['E_STORED']],
    ['raise ', ['E_STORED', 'E_OPENSIPS']],
    ['events ', ['E_OPENSIPS']],
    ['tail E_A ', ['E_STORED']],
    ['unsubscribe E_A ', ['socket-of-E_A']],
    ['unsubscribe --all E_A ', ['socket-of-E_A']],
    ['subscribe E_A ', ['every-socket']],
    ['declare ', ['E_STORED', 'every-socket']],
    ['raise E_A --sync -p ', ['param-of-E_A=']],
    ['raise --param a=b E_A --param ', ['param-of-E_A=']],
    ['raise E_A -s ', ['every-socket']],
    ['raise E_A --socket=', ['--socket=every-socket']],
    ['subscribe E_A --tls-domain ', ['office']],
    ['list --context ', ['default', 'staging']],
    ['context ', ['copy', 'create', 'list', 'remove', 'show', 'use']],
    ['context use ', ['default', 'staging']],
    ['map --format ', ['tree', 'mermaid', 'dot', 'svg', 'html', 'json']],
    ['tail --from ', ['first', 'last', 'next']],
    ['raise E_A --window ', []],
    ['raise E_A --nonsense=', []],
    ['check --password-file ', 'files'],
    ['sandbox --rabbitmq ', 'directories'],
    ['sandbox -- ', 'files'],
    ['completion ', ['bash', 'zsh', 'fish']],
  ])('behind "evi %s": %s', async (line, expected) => {
    expect(await offers(line)).toEqual(expected)
  })

  test('a flag once, but for those that can be given several times', async () => {
    const flags = await offers('raise E_A --json --param a=b --no-sync --')
    expect(flags).toContain('--param')
    expect(flags).toContain('--verify')
    for (const given of ['--json', '--sync', '--no-sync']) expect(flags).not.toContain(given)
  })

  test('for every flag with a value something, nothing or files, without an error', async () => {
    for (const { id, flags } of program.commands)
      for (const name of Object.keys(flags))
        expect(await offers(`${id.replace(':', ' ')} --${name} `), `${id} --${name}`).toBeDefined()
  })
})
