import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeaders } from '#lib/domain/event/message-headers.ts'

test('NAME=VALUE is a string, NAME:=JSON a value, and the first of the two decides', () => {
  expect(
    readHeaders(['a=5', 'b:=5', 'c=:=5', 'd:=true', 'e:={"f":[1,null,1.5,"x"]}', 'g:='.concat('"="')]),
  ).toEqual({
    a: '5',
    b: 5,
    c: ':=5',
    d: true,
    e: { f: [1, null, 1.5, 'x'] },
    g: '=',
  })
})

test('any JSON of exact numbers is carried as it is', () => {
  const value = fc
    .jsonValue({ noUnicodeString: false })
    .filter((json) => !JSON.stringify(json).includes('"!"'))
  fc.assert(
    fc.property(value, (json) => {
      const text = JSON.stringify(json)
      if (/\de[+-]?\d|\d{16}/.test(text)) return
      expect(readHeaders([`h:=${text}`])).toEqual({ h: JSON.parse(text) })
    }),
  )
})

test.each([
  ['=x', 64],
  [':=5', 64],
  ['x', 64],
  [`${'n'.repeat(256)}=x`, 64],
  ['n:=', 65],
  ['n:={', 65],
  ['n:=12345678901234567890', 65],
  ['n:=[1e300]', 65],
  ['n:={"!":"timestamp","value":1}', 65],
  [`n:={"${'n'.repeat(256)}":1}`, 65],
])('the header %s is refused with exit code %i', (header, exit) => {
  expect(() => readHeaders([header])).toThrow(expect.objectContaining({ exit }))
})

test('a header given twice is refused, whatever its type', () => {
  expect(() => readHeaders(['a=1', 'a:=2'])).toThrow(/given twice/)
})
