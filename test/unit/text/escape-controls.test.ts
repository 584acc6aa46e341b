import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visibleBlock, visibleJson, visibleLine } from '#lib/text/escape-controls.ts'

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const controls = [...range(0, 0x1f), ...range(0x7f, 0x9f)]
const hidden = [
  0xad,
  0x61c,
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x2064),
  ...range(0x2066, 0x206f),
  0xfeff,
  ...range(0xfff9, 0xfffb),
  0xe0001,
  0xe0041,
  0xd800,
  0xdfff,
]
const named = (point: number) => `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...[...controls, ...hidden].map((point) => String.fromCodePoint(point))),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

describe.each(
  [...controls, ...hidden].filter((point) => point !== 9).map((point) => [named(point), point] as const),
)('%s', (_, point) => {
  const character = String.fromCodePoint(point)
  const shown = point <= 0xff ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`

  test('is shown as an escape', () => {
    expect(visibleLine(`a${character}b`)).toBe(`a${shown}b`)
    expect(visibleBlock(`a${character}b`)).toBe(character === '\n' ? 'a\nb' : `a${shown}b`)
  })

  test('is an escape of JSON in a string', () => {
    const json = visibleJson(JSON.stringify(`a${character}b`))
    expect(json).toMatch(/^"a[\x21-\x7e]+b"$/)
    expect(JSON.parse(json)).toBe(`a${character}b`)
  })
})

test.each(['\t', ' ', '\u00a0', '~', 'é', 'żółć', '漢字', '😀', 'e\u0301', '\\x1b', '"\'<&>'])(
  '%j stays',
  (plain) => {
    expect([visibleLine, visibleBlock].map((visible) => visible(plain))).toEqual([plain, plain])
    expect(visibleJson(JSON.stringify(plain))).toBe(JSON.stringify(plain))
  },
)

test('nothing that a terminal acts on is left of any text, and made visible twice is made visible once', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(visibleLine(given)).not.toMatch(/[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      expect(visibleLine(visibleLine(given))).toBe(visibleLine(given))
      expect(visibleBlock(given).split('\n').map(visibleLine).join('\n')).toBe(visibleBlock(given))
    }),
  )
})

test('JSON, indented or not, names included, means the same and is left harmless', () => {
  const value = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 4 })
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2, '\t'), (given, indent) => {
      const json = visibleJson(JSON.stringify(given, undefined, indent))
      expect(json).not.toMatch(/[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(given))
    }),
  )
})
