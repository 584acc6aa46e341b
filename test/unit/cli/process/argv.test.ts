import { CLIError } from '@oclif/core/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportError } from '#lib/cli/report-error.ts'
import { EviError } from '#lib/errors.ts'
import { visibleBlock, visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'

describe('what a terminal would act on', () => {
  const points = [...Array(0xa0).keys(), 0xad, 0x200b, 0x200e, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff, 0xd800]
  const hostile = points
    .filter((point) => point < 0x20 || point >= 0x7f)
    .map((point) => String.fromCharCode(point))

  test('never comes out of a line, a block or JSON', () => {
    const text = hostile.join('')
    expect(visibleLine(text)).not.toMatch(/[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    expect(visibleBlock(text)).not.toMatch(/[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    expect(visibleJson(JSON.stringify(text))).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  })

  test('JSON means the same afterwards', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(JSON.parse(visibleJson(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('other text stays as it is', () => {
    expect(visibleLine('żółć 漢字 😀\t"<&>')).toBe('żółć 漢字 😀\t"<&>')
    expect(visibleLine('\u001b[31m\n')).toBe('\\x1b[31m\\x0a')
  })
})

describe('an error', () => {
  test('is a sentence and what to do, or a document', () => {
    const error = new EviError('refused', 'The login of "a\u001b" was refused.', { hint: 'Ask the admin.' })
    expect(reportError(error, { json: false })).toEqual({
      exit: 77,
      text: 'evi: The login of "a\\x1b" was refused.\n  Ask the admin.\n',
    })
    expect(JSON.parse(reportError(error, { json: true }).text)).toEqual({
      error: { code: 'refused', exit: 77, message: error.message, hint: 'Ask the admin.' },
    })
  })

  test('of oclif is wrong usage, with a password masked', () => {
    const error = new CLIError('Unexpected argument: rabbitmq:u:s3cret@h/q\nSee more help with --help')
    expect(reportError(error, { json: false, command: 'list' })).toEqual({
      exit: 64,
      text: 'evi: Unexpected argument: rabbitmq:u:***@h/q.\n  See: evi list --help\n',
    })
  })

  test.each([new TypeError('x is not a function\n    at somewhere'), 'a string', undefined])(
    'of evi itself is 70: %s',
    (error) => {
      const { exit, text } = reportError(error, { json: false })
      expect(exit).toBe(70)
      expect(text).toMatch(/^evi: Something in evi itself went wrong: .*\n {2}This is a bug\..*\n$/)
    },
  )
})

test('a table is as wide as its cells, coloured or not', () => {
  expect(
    renderTable([
      ['A', 'B'],
      ['\u001b[1mlong\u001b[22m', 'x'],
    ]),
  ).toBe('A     B\n\u001b[1mlong\u001b[22m  x\n')
})
