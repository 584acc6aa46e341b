import { CLIError } from '@oclif/core/errors'
import { describe, expect, test } from 'vitest'
import { type Typed, withSuggestion } from '#lib/cli/suggestion.ts'
import { EviError } from '#lib/errors.ts'

const program = {
  commands: ['check', 'list', 'raise', 'tls-domain:list', 'tls-domain:remove', 'unsubscribe'].map((id) => ({
    id,
    hidden: false,
    args: {},
    flags: {},
  })),
  topics: [{ name: 'tls-domain' }],
} as Typed['program']
const command = { id: 'tls-domain:set', flags: ['--param', '--params', '--password-file', '--sync'] }

const ofCommand = async (...argv: string[]) =>
  await withSuggestion(new CLIError(`command ${argv.join(':')} not found`), { argv, program })
const ofFlags = async (...flags: string[]) =>
  await withSuggestion(Object.assign(new CLIError('Nonexistent flags'), { flags }), {
    argv: [],
    program,
    command,
  })

test('an argument of a command in a topic that takes none is not taken for a command', async () => {
  expect(await ofCommand('tls-domain', 'list', 'office')).toMatchObject({
    code: 'usage',
    message: 'Unexpected argument: office.',
    hint: 'See: evi tls-domain list --help',
  })
})

test('a flag without a command is named', async () => {
  expect(await ofCommand('--nope=s3cret')).toMatchObject({
    message: 'Nonexistent flag: --nope.',
    hint: 'See: evi --help',
  })
})

test('a flag before a command is not taken for a mistake in the command', async () => {
  expect(await ofCommand('--no-color', 'list')).toMatchObject({
    message: 'Nonexistent flag: --no-color.',
    hint: 'The flags of a command stand behind it: evi list --help',
  })
})

describe('a command that is none is named with the one that was probably meant', () => {
  test.each([
    [['chekc'], '"chekc"', 'Did you mean: evi check'],
    [['lst', 'E_X', '--json'], '"lst"', 'Did you mean: evi list'],
    [['unsub', 'E_X'], '"unsub"', 'Did you mean: evi unsubscribe'],
    [['tls-domian', 'list'], '"tls-domian"', 'Did you mean: evi tls-domain list'],
    [['tls-domian', 'nonsense'], '"tls-domian"', 'Did you mean: evi tls-domain'],
    [['tls-domain', 'lst'], '"tls-domain lst"', 'Did you mean: evi tls-domain list'],
    [['tls-domain', 'nonsense'], '"tls-domain nonsense"', 'See: evi tls-domain --help'],
    [['nonsense'], '"nonsense"', 'See: evi --help'],
    [['--json', 'raies'], '"raies"', 'Did you mean: evi raise'],
  ])('%j', async (argv, name, hint) => {
    expect(await ofCommand(...argv)).toMatchObject({
      code: 'usage',
      message: `There is no command ${name}.`,
      hint,
    })
  })
})

describe('flags that are none are named', () => {
  test.each([
    [['--pram'], '--pram', 'Did you mean --param? See: evi tls-domain set --help'],
    [['--password'], '--password', 'Did you mean --password-file? See: evi tls-domain set --help'],
    [
      ['--snyc', '--nonsense', '-x'],
      '--snyc, --nonsense, -x',
      'Did you mean --sync? See: evi tls-domain set --help',
    ],
    [['-x'], '-x', 'See: evi tls-domain set --help'],
  ])('%j', async (flags, names, hint) => {
    const message = `Nonexistent flag${flags.length > 1 ? 's' : ''}: ${names}.`
    expect(await ofFlags(...flags)).toMatchObject({ code: 'usage', message, hint })
  })

  test('without their values, which may be passwords', async () => {
    const error = await ofFlags('--password=s3cret', '-ps3cret', '--two\nlines=s3cret')
    expect(error).toMatchObject({ message: 'Nonexistent flags: --password, -p, --two\nlines.' })
    expect(JSON.stringify(error)).not.toContain('s3cret')
  })
})

test('what is no command of a topic is named where the topic is a command, too', async () => {
  const error = Object.assign(new CLIError('Unexpected argument: lst'), { args: ['lst'] })
  const typed = { argv: ['lst'], program, command: { id: 'tls-domain', flags: [] } }
  expect(await withSuggestion(error, typed)).toMatchObject({
    message: 'There is no command "tls-domain lst".',
    hint: 'Did you mean: evi tls-domain list',
  })
})

test('one argument too many of a command without commands of its own stays what it is', async () => {
  const error = Object.assign(new CLIError('Unexpected argument: extra'), { args: ['extra'] })
  const topics = [...program.topics, { name: 'list' }]
  const typed = {
    argv: ['E_X', 'extra'],
    program: { ...program, topics },
    command: { id: 'list', flags: [] },
  }
  expect(await withSuggestion(error, typed)).toBe(error)
})

test('any other error stays as it is', async () => {
  for (const error of [
    new EviError('usage', 'command x not found'),
    new CLIError('Missing x'),
    'x',
    undefined,
  ])
    expect(await withSuggestion(error, { argv: ['x'], program })).toBe(error)
})
