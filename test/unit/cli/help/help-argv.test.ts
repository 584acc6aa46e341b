import { expect, test } from 'vitest'
import { helpArgv } from '#lib/cli/help/help-argv.ts'

const argvOf = (line: string) => helpArgv(line.split(' ').filter(Boolean), ['tls-domain']).join(' ')

test.each([
  ['', 'help'],
  ['--help', 'help'],
  ['-h', 'help'],
  ['--help --json', 'help --json'],
  ['raise --help', 'help raise'],
  ['raise E_X --param a=b -h', 'help raise E_X'],
  ['raise --socket rabbitmq:h/q --help', 'help raise'],
  ['tls-domain', 'help tls-domain'],
  ['tls-domain set --help', 'help tls-domain set'],
  ['help --help', 'help'],
])('"evi %s" is answered by "evi %s"', (line, expected) => {
  expect(argvOf(line)).toBe(expected)
})

test.each([
  'list',
  'help raise',
  'help --man raise',
  'tls-domain list',
  'sandbox -- true --help',
  '--version',
])('"evi %s" is called as it is', (line) => {
  expect(argvOf(line)).toBe(line)
})
