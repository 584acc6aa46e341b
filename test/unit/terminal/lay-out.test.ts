import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOut } from '#lib/terminal/lay-out.ts'
import { loadColours, styleFor } from '#lib/terminal/style.ts'
import { columnsOf } from '#lib/text/layout/columns.ts'

const plain = (columns: number) => ({ columns, strong: (text: string) => text })

describe('on a terminal, text', () => {
  test('that fits stays as it is', () => {
    expect(layOut('✔ All is well.\n  Go on.\n', plain(40))).toBe('✔ All is well.\n  Go on.\n')
  })

  test.each([
    ['set in', 'one two three four five six', 'one two three four\n  five six'],
    ['set in further', '  one two three four five', '  one two three four\n    five'],
    ['behind a mark', '✖ one two three four five', '✖ one two three four\n  five'],
    ['behind a mark in words', '[ok] one two three four', '[ok] one two three\n     four'],
  ])('is broken between words, %s', (_, text, expected) => {
    expect(layOut(text, plain(20))).toBe(expected)
  })

  test('in a column is continued in its column', () => {
    const text = '  ✖ login  The broker refused the user alice.'
    expect(layOut(text, plain(34))).toBe('  ✖ login  The broker refused the\n           user alice.')
    const timed = '  ✖ login  43 ms  The broker at the other end refused the user alice.'
    expect(layOut(timed, plain(60))).toBe(
      `  ✖ login  43 ms  The broker at the other end refused the
${' '.repeat(18)}user alice.`,
    )
  })

  test('of a tree is continued beside its branches', () => {
    expect(layOut('│  ├─ ✖ queue q  is not there', plain(20))).toBe('│  ├─ ✖ queue q  is\n│  │    not there')
  })

  test('keeps a word that is too long in one piece, to be copied', () => {
    const socket = 'rabbitmq:alice@rmq.example.com:5672/pike'
    expect(layOut(`✖ Refused ${socket} again`, plain(20))).toBe(`✖ Refused\n  ${socket}\n  again`)
  })

  test('is broken before a word that begins like a unit', () => {
    expect(layOut('one two three h.264 four five', plain(20))).toBe('one two three h.264\n  four five')
    expect(layOut('one two three four h.264', plain(20))).toBe('one two three four\n  h.264')
  })

  test('keeps a number beside its unit', () => {
    expect(layOut('confirmed after some 12 ms', plain(23))).toBe('confirmed after some\n  12 ms')
  })

  test('has a command on a line of its own, whole', () => {
    const text = '  Or declare it: evi declare rabbitmq:guest@localhost/pike --exchange-type topic'
    const strong = (command: string) => `<${command}>`
    expect(layOut(text, { columns: 30, strong })).toBe(
      '  Or declare it:\n    <evi declare rabbitmq:guest@localhost/pike --exchange-type topic>',
    )
  })

  test('has a command beside the one word before it', () => {
    expect(layOut('  See: evi raise --help', plain(80))).toBe('  See: evi raise --help')
  })

  test('is left to a terminal that is too narrow', () => {
    expect(layOut('one two three four five six', plain(19))).toBe('one two three four five six')
  })

  test('keeps its colours', async () => {
    await loadColours([{ isTTY: true }], {})
    const { bad } = styleFor({ isTTY: true }, {})
    expect(layOut(bad('one two three four five'), plain(20))).toBe(
      `\u001b[31mone two three four\n  five\u001b[39m`,
    )
  })

  test('takes wide characters for two columns', () => {
    expect(columnsOf('日本 e\u0301')).toBe(6)
    expect(layOut('日本日本 日本日本 日本', plain(20))).toBe('日本日本 日本日本\n  日本')
  })
})

const line = fc.tuple(
  fc.constantFrom('', '  ', '✔ ', '  ✖ login  ', '│  └─ ✔ '),
  fc.array(fc.stringMatching(/^[a-z.]{1,12}$/), { minLength: 1, maxLength: 30 }),
)

test('on any terminal no line is wider than it, and no word is lost', () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 30, max: 200 }), ([start, words], columns) => {
      const text = start + words.join(' ')
      const lines = layOut(text, plain(columns)).split('\n')
      expect(lines.every((one) => columnsOf(one) <= columns)).toBe(true)
      const wordsOf = (shown: string) => shown.split(/[ │\n]+/).filter(Boolean)
      expect(wordsOf(lines.join('\n'))).toEqual(wordsOf(stripVTControlCharacters(text)))
    }),
  )
})
