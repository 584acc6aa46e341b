import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTemplate, type TemplateValues } from '#lib/domain/event/template.ts'
import { templatedNotification } from '#lib/domain/event/templated-params.ts'

const values: TemplateValues = {
  n: 7,
  uuid: () => 'an-id',
  now: () => new Date('2026-11-26T04:00:00.5Z'),
  random: () => 0.999,
}

describe('a template', () => {
  test.each([
    ['', ''],
    ['plain } text {', 'plain } text {'],
    ['{{n}}', '7'],
    ['{{ n }}-{{n}}', '7-7'],
    ['a{{uuid}}b', 'aan-idb'],
    ['{{now}}', '2026-11-26T04:00:00.500Z'],
    ['10.0.0.{{random 1 254}}', '10.0.0.254'],
    ['{{random -5 -5}}', '-5'],
    ['a}}b', 'a}}b'],
  ])('%j becomes %j', (text, expected) => {
    expect(readTemplate(text)(values)).toBe(expected)
  })

  test.each([
    ['{{', 0],
    ['ab{{n', 2],
    ['{{n}', 0],
    ['😀 {{m}}', 2],
    ['{{}}', 0],
    ['{{n 1}}', 0],
    ['{{random}}', 0],
    ['{{random 1}}', 0],
    ['{{random 1 2 3}}', 0],
    ['{{random 2 1}}', 0],
    ['{{random 1 2.5}}', 0],
    ['{{n}} {{{n}}}', 6],
  ])('that is torn, %j, is refused with a caret under its column %i', (text, column) => {
    expect(() => readTemplate(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(new RegExp(`\\n {2}\\S.*\\n {2} {${column}}\\^$`)),
      }),
    )
  })

  test('without placeholders is the text itself', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('{{'))
        expect(readTemplate(text)(values)).toBe(text)
      }),
    )
  })

  test('gives random numbers of its range only, both ends included', () => {
    const drawn = fc.record({
      from: fc.integer(),
      width: fc.nat(),
      random: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    })
    fc.assert(
      fc.property(drawn, ({ from, width, random }) => {
        const number = Number(
          readTemplate(`{{random ${from} ${from + width}}}`)({ ...values, random: () => random }),
        )
        expect(number).toBeGreaterThanOrEqual(from)
        expect(number).toBeLessThanOrEqual(from + width)
      }),
    )
    expect(readTemplate('{{random 3 9}}')({ ...values, random: () => 0 })).toBe('3')
  })
})

describe('a notification with templates', () => {
  const build = (input: { named?: string[]; unnamed?: string[]; whole?: string }) =>
    templatedNotification('E_X', { named: [], unnamed: [], whole: undefined, ...input })(values)

  test('has placeholders in values, typed ones too, and not in names or in the whole params', () => {
    expect(build({ named: ['a=x{{n}}', 'b:={{n}}', '{{n=c'] })).toContain('{"a":"x7","b":7,"{{n":"c"}')
    expect(build({ unnamed: ['{{n}}'] })).toContain('["7"]')
    expect(build({ whole: '{"a":"{{n}}"}' })).toContain('{"a":"{{n}}"}')
  })
})
