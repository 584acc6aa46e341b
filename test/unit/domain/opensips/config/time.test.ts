import { describe, expect, test } from 'vitest'
import { EviError } from '#lib/errors.ts'
import { read, startup, to } from '../../../../helpers/opensips/read-config.ts'

describe('time', () => {
  /** Text whose reading must not take the square of its length. */
  test.for<[string, (size: number) => string]>([
    ['an open string with escapes', (size) => `route { xlog("${'\\a'.repeat(size / 2)}`],
    ['comments within each other', (size) => '/*'.repeat(size / 4) + '*/'.repeat(size / 4)],
    ['parentheses', (size) => `route { if (${'('.repeat(size)}`],
    ['braces', (size) => 'route {'.repeat(size / 7)],
    ['dollars', (size) => startup(to('$('.repeat(size / 2)))],
    ['variables', (size) => startup(`$var(x${'('.repeat(size)}`)],
    ['else if', (size) => startup(`if (1) {} ${'else if (1) {} '.repeat(size / 15)}`)],
    ['one line with a fault', (size) => `modparam("a", "b", "c";${'a."b",'.repeat(size / 6)}`],
    ['words', (size) => 'a '.repeat(size / 2)],
    ['letters with accents', (size) => 'ä'.repeat(size / 2)],
    [
      'subscriptions',
      (size) => startup(...Array.from({ length: size / 40 }, (_, index) => to(String(index)))),
    ],
    [
      'warnings',
      (size) => Array.from({ length: size / 40 }, (_, index) => `route[${index}] { ${to('$x')} }`).join('\n'),
    ],
  ])('%s are read in time that grows with the length', ([, make]) => {
    const text = make(1_000_000)
    const start = process.cpuUsage()
    try {
      read(text)
    } catch (error) {
      expect(error).toBeInstanceOf(EviError)
    }
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6).toBeLessThan(20)
  })
})
