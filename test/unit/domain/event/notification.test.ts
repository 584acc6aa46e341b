import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildNotification, checkSize, readNotification } from '#lib/domain/event/notification.ts'
import { compactJson, membersOf } from '#lib/text/json-text.ts'
import { cases } from '../../../helpers/cases.ts'
import vectors from '../../../vectors/payloads.json' with { type: 'json' }

const none = { named: [], unnamed: [], whole: undefined }
const build = (input: Partial<Parameters<typeof buildNotification>[1]>) =>
  buildNotification('E_X', { ...none, ...input })

test.each(vectors)('$argv is the body that OpenSIPS publishes', ({ argv: [event = '', ...words], body }) => {
  const values = (flag: string) => words.filter((_, index) => words[index - 1] === flag)
  expect(buildNotification(event, { ...none, named: values('--param'), unnamed: values('--arg') })).toBe(body)
})

const parameterName = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('10', '2', '__proto__', 'constructor', 'żółć', 'a b'),
  )
  .filter((name) => name !== '' && !name.includes('=') && !name.endsWith(':'))
const parameter = fc.tuple(parameterName, fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()))
const parameters = fc.uniqueArray(parameter, { selector: ([name]) => name, maxLength: 8 })

test('no parameter is ever reordered, lost or changed', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const named = given.map(([name, value]) =>
        typeof value === 'string' ? `${name}=${value}` : `${name}:=${JSON.stringify(value, undefined, 1)}`,
      )
      const body = build({ named })
      const members = membersOf(membersOf(body)[2]?.json ?? '{}')
      expect(members.map(({ name, json }) => [name, JSON.parse(json)])).toEqual(
        given.map(([name, value]) => [name, JSON.parse(JSON.stringify(value))]),
      )
      expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0', method: 'E_X' })
      expect(readNotification(body)).toEqual({ json: body, event: 'E_X', params: members })
    }),
    { numRuns: cases(3000) },
  )
})

test('compact JSON means the same, has no blank between tokens, and is what it is compacted to', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, '\t'), (json, indent) => {
      const compact = compactJson(JSON.stringify(JSON.parse(json), undefined, indent))
      expect(compact).toBe(JSON.stringify(JSON.parse(json)))
      expect(compactJson(compact)).toBe(compact)
    }),
  )
})

describe('params', () => {
  test('keep the digits and escapes that were given', () => {
    const whole = ' {"n": 1.0, "big": 12345678901234567890, "e": 1E400, "m": -0.10, "s": "\\u00e9\\/"} '
    expect(build({ whole })).toContain(
      '{"n":1.0,"big":12345678901234567890,"e":1E400,"m":-0.10,"s":"\\u00e9\\/"}',
    )
  })

  test.each(['{}', '[]', ' { } '])('are left out when there are none: %s', (whole) => {
    expect(build({ whole })).toBe('{"jsonrpc":"2.0","method":"E_X"}')
  })

  test.each([
    ['usage', { named: ['a'] }],
    ['usage', { named: ['=1'] }],
    ['usage', { named: [':=1'] }],
    ['usage', { named: ['a=1', 'a:=2'] }],
    ['usage', { named: ['a=1'], unnamed: ['b'] }],
    ['usage', { named: ['a=1'], whole: '{}' }],
    ['data', { named: ['a:='] }],
    ['data', { named: ['a:=1 2'] }],
    ['data', { named: ["a:={'b':1}"] }],
    ['data', { whole: '' }],
    ['data', { whole: '1' }],
    ['data', { whole: '{"a":1} {}' }],
    ['data', { whole: '{"a":1,"b":{"a":2},"\\u0061":3}' }],
    ['data', { whole: '['.repeat(100_000) }],
  ])('%s error for %j', (code, input) => {
    expect(() => build(input)).toThrow(expect.objectContaining({ code }))
  })

  test('the same name deeper down is no twin', () => {
    expect(build({ whole: '{"a":{"a":1},"b":[{"a":1},{"a":2}]}' })).toContain('"params":{"a":{"a":1}')
  })
})

test('the limit lets its own number of bytes pass, and 0 is none', () => {
  expect(() => checkSize(4, 4)).not.toThrow()
  expect(() => checkSize(5, 4)).toThrow(expect.objectContaining({ code: 'data', exit: 65 }))
  expect(() => checkSize(1_000_000, 0)).not.toThrow()
})

test.each([
  '',
  'x',
  '[]',
  '1',
  'null',
  '{}',
  '{"jsonrpc":"2.0"}',
  '{"method":"E"}',
  '{"jsonrpc":"2.0","method":1}',
])('%j is no notification', (body) => {
  expect(readNotification(body)).toBeUndefined()
})
