import { beforeAll, describe, expect, test } from 'vitest'
import { loadColours, markColumn, markOf, styleFor } from '#lib/terminal/style.ts'

const terminal = { isTTY: true }
beforeAll(() => loadColours([terminal], {}))

test('a terminal gets colours, each text alone', () => {
  const { strong, good } = styleFor(terminal, {})
  expect(['a', 'b'].map(strong)).toEqual(['\u001b[1ma\u001b[22m', '\u001b[1mb\u001b[22m'])
  expect(good('ok')).toBe('\u001b[32mok\u001b[39m')
})

test('a warning is not yellow, which a light background swallows', () => {
  expect(styleFor(terminal, {}).warn('a')).toBe('\u001b[35ma\u001b[39m')
})

test.each([
  ['a terminal has colours', terminal, {}, true],
  ['a pipe has none', {}, {}, false],
  ['NO_COLOR turns them off', terminal, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR does not', terminal, { NO_COLOR: '' }, true],
  ['a dumb terminal has none', terminal, { TERM: 'dumb' }, false],
  ['FORCE_COLOR turns them on', {}, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR goes before NO_COLOR and TERM', {}, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
  ['FORCE_COLOR=0 turns them off', terminal, { FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR=false turns them off', terminal, { FORCE_COLOR: 'false' }, false],
  ['an empty FORCE_COLOR says nothing', {}, { FORCE_COLOR: '' }, false],
])('%s', (_, stream, environment, coloured) => {
  const { bad } = styleFor(stream, environment)
  expect(bad('a')).toBe(coloured ? '\u001b[31ma\u001b[39m' : 'a')
})

describe('the marks', () => {
  test.each([
    [{}, '✔'],
    [{ LANG: '' }, '✔'],
    [{ LANG: 'en_US.UTF-8' }, '✔'],
    [{ LANG: 'de_DE.utf8' }, '✔'],
    [{ LANG: 'C.UTF-8', LC_ALL: '' }, '✔'],
    [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, '✔'],
    [{ LANG: 'C' }, '[ok]'],
    [{ LANG: 'POSIX' }, '[ok]'],
    [{ LANG: 'de_DE.ISO-8859-1' }, '[ok]'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, '[ok]'],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, '[ok]'],
    [{ TERM: 'dumb' }, '[ok]'],
    [{ EVI_ACCESSIBLE: '1' }, '[ok]'],
  ])('with %j, what went well has the mark %s', (environment, mark) => {
    expect(styleFor({}, environment).marks.ok).toBe(mark)
  })

  test('are ASCII where the locale has no UTF-8', () => {
    const all = Object.values(styleFor({}, { LANG: 'C' }).marks).flat()
    expect(all.join('')).toMatch(/^[ -~]+$/)
  })

  test('are coloured on a terminal', () => {
    expect(styleFor(terminal, {}).marks.failed).toBe('\u001b[31m✖\u001b[39m')
  })

  test('of the states are words of their own in a column of one width', () => {
    const style = styleFor(terminal, { LANG: 'C', NO_COLOR: '1' })
    const states = ['passed', 'failed', 'warning', 'unknown', 'hidden'] as const
    expect(states.map((state) => markColumn(state, style))).toEqual([
      '[ok]     ',
      '[failed] ',
      '[warning]',
      '[unknown]',
      '[unknown]',
    ])
    expect(markOf('passed', style)).toBe('[ok]')
  })
})
