import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matcherOf } from '#lib/domain/where/matcher.ts'
import { parseWhere, type Where } from '#lib/domain/where/where.ts'
import type { EviError } from '#lib/errors.ts'
import { membersOf } from '#lib/text/json-text.ts'

const matches = (where: string, params: string, event = 'E_X') =>
  matcherOf(parseWhere(where))({ event, params: membersOf(params) })

const params =
  '{"ip":"10.1.2.3","v6":"[2001:db8::7]","mapped":"::ffff:10.0.0.1","count":7,"text":"7","big":12345678901234567890,' +
  '"phone":"0049","name":"a b","empty":"","yes":true,"nothing":null,"o":{"x":1},"event":"inner","s p":"blank"}'

describe('an expression matches', () => {
  test.each([
    'ip in 10.0.0.0/8',
    'ip in (192.168.0.0/16, 10.1.2.3)',
    'v6 in 2001:db8::/32',
    'v6 = "[2001:db8::7]"',
    'mapped in 10.0.0.0/8',
    'ip=10.1.2.3',
    'ip != 10.1.2.4',
    String.raw`ip ~ ^10\.`,
    String.raw`ip ~ "^(10|11)\.\d"`,
    'ip !~ ^11',
    'count = 7',
    'count = 7.0',
    'count = 70e-1',
    'count > 6.5 and count >= 7 and count <= 7 and count < 1e3',
    'text > 6',
    'big = 12345678901234567890',
    'big > 12345678901234567889',
    'phone = 0049',
    'phone > "0048"',
    'name = "a b"',
    "name = 'a b'",
    'name in (x, "a b")',
    'empty = ""',
    'yes = true',
    'nothing = null',
    'o = \'{"x":1}\'',
    'event = E_X',
    'param.event = inner',
    '"s p" = blank',
    'EVENT = x or NOT missing = 1 AND ip IN 10.0.0.0/8',
    'not (ip = 1 or ip = 2)',
    'name ~ "A B" or yes = true',
    '(count = 7)and(text=7)',
  ])('%s', (where) => {
    expect(matches(where, params)).toBe(true)
  })
})

describe('an expression does not match', () => {
  test.each([
    'ip in 11.0.0.0/8',
    'name in 10.0.0.0/8',
    'count in 10.0.0.0/8',
    'missing = 1',
    'missing != 1',
    'missing < 1',
    'missing !~ x',
    'missing in (1, 2)',
    'ip < 5',
    'ip > 5',
    'count < zzz',
    'count > ""',
    'phone = 49',
    'text = "7.0"',
    'big = 12345678901234567891',
    'ip = 10.1.2.3 and not ip = 10.1.2.3',
    'event = inner',
  ])('%s', (where) => {
    expect(matches(where, params)).toBe(false)
  })

  test('where there are no params, and where the message is no event', () => {
    for (const where of ['ip in 10.0.0.0/8', 'ip != 1', 'count > 0']) {
      expect(matches(where, '')).toBe(false)
      expect(matcherOf(parseWhere(where))(undefined)).toBe(false)
    }
    expect(matcherOf(parseWhere('not ip = 1'))(undefined)).toBe(true)
  })
})

test('unnamed params are found by their number', () => {
  expect(matches('param.1 = a and param.2 = 5', '["a",5]')).toBe(true)
  expect(matches('param.3 = a or param.0 = a', '["a",5]')).toBe(false)
  expect(matches('param.1 = a', '{"x":"a"}')).toBe(false)
})

test('of two params of the same name the last one counts', () => {
  expect(matches('a = 2', '{"a":1,"a":2}')).toBe(true)
  expect(matches('a = 1', '{"a":1,"a":2}')).toBe(false)
})

describe('an expression that cannot be read is refused with 64 and a caret', () => {
  test.each([
    ['', 'expected the name of a param', 0],
    ['ip', 'expected =, !=', 2],
    ['ip =', 'expected a value', 4],
    ['ip == 1', 'a single =', 3],
    ['ip => 1', 'expected =, !=', 3],
    ['ip = 1 ip = 2', 'expected and, or, or the end', 7],
    ['ip = 1 and', 'expected the name', 10],
    ['(ip = 1', 'closing parenthesis', 7],
    ['ip = 1)', 'expected and, or, or the end', 6],
    ['ip = "1', 'closing " is missing', 5],
    ["a = 'x\\'", "closing ' is missing", 4],
    ['ip in 10.0.0.0/33', 'expected a network', 6],
    ['ip in 10.0.0/8', 'expected a network', 6],
    ['ip in text', 'expected a network', 6],
    ['ip in (10.0.0.0/33)', 'no network', 7],
    ['ip in (1, )', 'expected a value', 10],
    ['ip in (1', 'expected a comma', 8],
    ['ip ~ "("', 'no regular expression (Unterminated group)', 5],
    ['é = "ü" und', 'expected and', 8],
    ['not '.repeat(200), 'levels', 400],
    [`${'('.repeat(100_000)}`, 'levels', 100],
  ])('%j', (where, reason, at) => {
    try {
      parseWhere(where)
      expect.unreachable()
    } catch (error) {
      const { message, code } = error as EviError
      expect(code).toBe('usage')
      expect(message).toContain(reason)
      expect(message.split('\n').at(-1)).toBe(`  ${' '.repeat(at)}^`)
    }
  })

  test('a control character in it does not reach the terminal', () => {
    expect(() => parseWhere('a \u001b[2J')).toThrow(/^\P{Cc}*\n\P{Cc}*\n\P{Cc}*$/u)
  })
})

const word = fc.stringMatching(/^[a-z][\w.-]{0,8}$/).filter((text) => !/^(and|or|not|in)$/i.test(text))
const quoted = fc
  .string({ unit: 'grapheme' })
  .map((text) => ({ text, written: `"${text.replace(/["\\]/g, '\\$&')}"` }))
const value = fc.oneof(
  word.map((text) => ({ text, written: text, quoted: false })),
  quoted.map((one) => ({ ...one, quoted: true })),
)
const name = fc.oneof(
  word.map((text) => ({ text, written: text })),
  quoted,
)
const condition = fc
  .tuple(name, fc.constantFrom('=', '!=', '<', '<=', '>', '>=' as const), value)
  .map(([named, operator, { text, written, quoted }]) => ({
    where: { kind: 'condition', name: named.text, condition: { operator, text, quoted } },
    written: `${named.written} ${operator} ${written}`,
  }))
const { expression } = fc.letrec<{ expression: { where: unknown; written: string } }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    condition,
    tie('expression').map(({ where, written }) => ({
      where: { kind: 'not', term: where },
      written: `not (${written})`,
    })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('expression'), { minLength: 2, maxLength: 3 }))
      .map(([kind, terms]) => ({
        where: { kind, terms: terms.map(({ where }) => where) },
        written: terms.map(({ written }) => `(${written})`).join(` ${kind} `),
      })),
  ),
}))

/** Without the places in the text, which a written expression does not have. */
function withoutPlaces(where: Where): unknown {
  return JSON.parse(JSON.stringify(where, (key, part) => (key === 'at' ? undefined : part)))
}

test('what is written is read back as it was meant', () => {
  fc.assert(
    fc.property(expression, ({ where, written }) => {
      expect(withoutPlaces(parseWhere(written))).toEqual(where)
    }),
  )
})

test('whatever is given is read or refused with 64, and what is read can be asked of any params', () => {
  const pieces = fc.constantFrom(
    'ip',
    ' ',
    '=',
    '~',
    '(',
    ')',
    ',',
    '"',
    "'",
    '\\',
    'and',
    'not',
    'in',
    '10.0.0.0/8',
    '[',
  )
  const anything = fc.oneof(
    fc.array(pieces).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(anything, (where) => {
      try {
        expect(typeof matches(where, params)).toBe('boolean')
      } catch (error) {
        expect(error).toMatchObject({ code: 'usage' })
      }
    }),
  )
})

test('not turns every answer around', () => {
  fc.assert(
    fc.property(expression, fc.json(), ({ written }, json) => {
      const fields = { event: 'E', params: membersOf(JSON.stringify(JSON.parse(json))) }
      expect(matcherOf(parseWhere(`not (${written})`))(fields)).toBe(!matcherOf(parseWhere(written))(fields))
    }),
  )
})
