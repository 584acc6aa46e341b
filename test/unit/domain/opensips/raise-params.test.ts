import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRaiseParams } from '#lib/domain/opensips/raise-params.ts'

test.for([
  ['{"ip":"192.168.2.11","hits":42}', '{"ip":"192.168.2.11","hits":42}'],
  ['{"a":"\\u0041\\/\\u00e4"}', '{"a":"A/ä"}'],
  ['{"n":-2147483648,"m":2147483647,"z":0}', '{"n":-2147483648,"m":2147483647,"z":0}'],
  ['{"2":"b","1":"a"}', '{"2":"b","1":"a"}'],
])('OpenSIPS publishes %s as %s', ([params, published]) => {
  expect(readRaiseParams(params)).toBe(published)
})

test.for([
  '["a"]',
  '{"a":true}',
  '{"a":false}',
  '{"a":null}',
  '{"a":{"b":1}}',
  '{"a":["b"]}',
  '{"a":1.5}',
  '{"a":1e3}',
  '{"a":-0}',
  '{"a":2147483648}',
  '{"a":-2147483649}',
  '{"a":12345678901234567890}',
  '{"a":"\\u0000"}',
  '{"a":"\\ud800"}',
  '{"\\u0000":"a"}',
])('the params %s are refused, as OpenSIPS garbles them', (params) => {
  expect(() => readRaiseParams(params)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('no params are none', () => {
  expect(readRaiseParams(undefined)).toBeUndefined()
  expect(readRaiseParams('{}')).toBeUndefined()
})

test('strings and 32-bit integers are published as JSON.stringify writes them', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'))
  const integer = fc.integer().filter((one) => !Object.is(one, -0))
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, integer), { minKeys: 1 }), (params) => {
      expect(readRaiseParams(JSON.stringify(params))).toBe(JSON.stringify(params))
    }),
  )
})
