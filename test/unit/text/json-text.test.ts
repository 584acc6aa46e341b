import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compactJson, membersOf } from '#lib/text/json-text.ts'
import { cases } from '../../helpers/cases.ts'

const number = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,6})?(?:[eE][+-]?\d{1,4})?$/)
const string = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\/"', '"\\u00e9"', '"\\ud800"', '"\\\\"', '"\\""', '"{[,:]}"', '" "', '"\u2028"'),
)
const leaf = fc.oneof(number, string, fc.constantFrom('true', 'false', 'null', '{}', '[]'))
/** The tokens of a JSON value, as they are written. */
const { value: tokens } = fc.letrec<{ value: string[]; name: string }>((tie) => ({
  name: string,
  value: fc.oneof(
    { depthSize: 'small' },
    leaf.map((text) => (text === '{}' || text === '[]' ? [...text] : [text])),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => ['[', ...joined(values), ']']),
    fc
      .array(fc.tuple(tie('name'), tie('value')), { maxLength: 4 })
      .map((members) => ['{', ...joined(members.map(([name, value]) => [name, ':', ...value])), '}']),
  ),
}))
const blanks = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

function joined(values: string[][]): string[] {
  return values.flatMap((value, index) => (index === 0 ? value : [',', ...value]))
}

test('of JSON only the white space between tokens goes: digits, escapes, order and twins stay', () => {
  fc.assert(
    fc.property(tokens, fc.array(blanks, { minLength: 1, maxLength: 5 }), (given, gaps) => {
      const spaced = given.map((token, index) => gaps[index % gaps.length] + token).join('') + gaps[0]
      const compact = compactJson(spaced)
      expect(compact).toBe(given.join(''))
      expect(compactJson(compact)).toBe(compact)
      expect(JSON.parse(compact)).toEqual(JSON.parse(spaced))
    }),
    { numRuns: cases(3000) },
  )
})

describe('the members', () => {
  const member = fc.tuple(
    fc.string({ unit: 'binary' }),
    tokens.map((given) => given.join('')),
  )

  test('of an object are all that is in it, in order, as written', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (given) => {
        const json = `{${given.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
        expect(membersOf(json)).toEqual(given.map(([name, value]) => ({ name, json: value })))
      }),
    )
  })

  test('of an array have no names', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (given) => {
        const json = `[${given.map(([, value]) => value).join(',')}]`
        expect(membersOf(json)).toEqual(given.map(([, value]) => ({ name: undefined, json: value })))
      }),
    )
  })
})

test.each([
  '',
  ' ',
  '{',
  '[1,]',
  '{"a"}',
  "{'a':1}",
  '01',
  '1.',
  '.5',
  '+1',
  'NaN',
  '1 2',
  '\ufeff1',
  '"\t"',
  '"\\x"',
])('%j is no JSON', (text) => {
  expect(() => compactJson(text)).toThrow(SyntaxError)
})

test.each([
  ['nested 100 000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a string of 10 MB', `"${'x'.repeat(10_000_000)}"`],
  ['a string of 500 000 escapes', `"${'\\n'.repeat(500_000)}"`],
])('JSON has no limit of its own: %s', (_, json) => {
  expect(compactJson(json) === json).toBe(true)
})
