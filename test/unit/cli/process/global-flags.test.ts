import { expect, test } from 'vitest'
import { moveGlobalFlags } from '#lib/cli/process/argv.ts'

test.each([
  [
    ['--context', 'staging', 'list'],
    ['list', '--context', 'staging'],
  ],
  [
    ['--context=staging', '-q', 'raise', 'E_X'],
    ['raise', 'E_X', '-q', '--context=staging'],
  ],
  [
    ['--json', 'tail', 'E_X', '--', 'evi', 'raise'],
    ['tail', 'E_X', '--json', '--', 'evi', 'raise'],
  ],
  [
    ['list', '--json'],
    ['list', '--json'],
  ],
  [
    ['--context', 'staging'],
    ['--context', 'staging'],
  ],
  [['--json'], ['--json']],
  [['--version'], ['--version']],
])('flags that many commands share may stand before the command: %j', (argv, moved) => {
  expect(moveGlobalFlags(argv)).toEqual(moved)
})
