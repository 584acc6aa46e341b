import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bashInsertion, readCommandLine } from '#lib/cli/completion/command-line.ts'

const breaks = ' \t\n"\'@><=;|&(:'
const current = (line: string) => readCommandLine(line, breaks).current

describe('a command line is taken apart', () => {
  test.each<[string, string[], string]>([
    ['evi ', [], ''],
    ['evi ra', [], 'ra'],
    ['/opt/bin/evi raise  E_X ', ['raise', 'E_X'], ''],
    ['EVI_CONFIG_DIR=/etc/evi evi list E', ['list'], 'E'],
    [`evi check -s 'rabbitmq:h/a b`, ['check', '-s'], 'rabbitmq:h/a b'],
    ['evi check -s "rabbitmq:h/a\\"b" --', ['check', '-s', 'rabbitmq:h/a"b'], '--'],
    ['evi check -s rabbitmq:h/a\\ b\\?', ['check', '-s'], 'rabbitmq:h/a b?'],
    ['evi raise E_X --param "a=\\n" x', ['raise', 'E_X', '--param', 'a=\\n'], 'x'],
    ['', [], ''],
  ])('%s', (line, words, text) => {
    const read = readCommandLine(line, breaks)
    expect({ words: read.words, text: read.current.text }).toEqual({ words, text })
  })
})

describe('bash replaces what is behind the last break', () => {
  test.each([
    ['evi check -s rabbitmq:gu', 'rabbitmq:'],
    ['evi check -s rabbitmq:guest@h', 'rabbitmq:guest@'],
    ['evi map --format=t', '--format='],
    [`evi check -s 'rabbitmq:gu`, ''],
    [`evi check -s rabbitmq:"gu`, 'rabbitmq:'],
    ['evi check -s rabbitmq\\:gu', ''],
  ])('of %s all but %j', (line, kept) => {
    const word = current(line)
    expect(word.text.slice(0, word.kept)).toBe(kept)
  })
})

test('bash reads what is inserted as the candidate, within any quotes', () => {
  const candidates = fc.sample(fc.stringMatching(/^[ -~äöü€]{1,30}$/), 300)
  const typed = candidates.flatMap((candidate) =>
    ['', "'", '"'].flatMap((quote) => {
      const insertion = bashInsertion(candidate, current(`evi list ${quote}`))
      return insertion === undefined ? [] : [{ candidate, word: quote + insertion + quote }]
    }),
  )
  const script = typed.map(({ word }) => `printf '%s\\n' ${word}`).join('\n')
  const { stdout } = spawnSync('bash', ['+H', '-c', script], { encoding: 'utf8' })
  expect(stdout.split('\n').slice(0, -1)).toEqual(typed.map(({ candidate }) => candidate))
})
