import { CLIError } from '@oclif/core/errors'
import { describe, expect, test } from 'vitest'
import { reportError, stackOf } from '#lib/cli/report-error.ts'
import { EviError } from '#lib/errors.ts'
import { type ErrorCode, exitCodes } from '#lib/exit-codes.ts'

const text = (error: unknown, command?: string) => reportError(error, { json: false, command }).text
const json = (error: unknown, command?: string) =>
  JSON.parse(reportError(error, { json: true, command }).text)

test.each(Object.entries(exitCodes) as [ErrorCode, number][])(
  '%s ends with %i, in words and as JSON',
  (code, exit) => {
    const error = new EviError(code, 'It failed.', { hint: 'Do this.', cause: new Error('deeper') })
    expect(reportError(error, { json: false })).toEqual({ exit, text: 'evi: It failed.\n  Do this.\n' })
    expect(reportError(error, { json: true })).toEqual({
      exit,
      text: `{"error":{"code":"${code}","exit":${exit},"message":"It failed.","hint":"Do this."}}\n`,
    })
  },
)

test('without anything to do about it there is one line, and a null', () => {
  const error = new EviError('timeout', 'No reply')
  expect(text(error)).toBe('evi: No reply.\n')
  expect(json(error)).toEqual({ error: { code: 'timeout', exit: 75, message: 'No reply.', hint: null } })
})

describe("oclif's words become a sentence and a place to look", () => {
  test.each([
    ['Parsing --expire \n\t--expire is "x", not a number.', '--expire is "x", not a number.'],
    [
      'Missing 1 required arg:\nevent  name of the event;\n       one\nSee more help with --help',
      'The event is missing.',
    ],
    ['Missing 2 required args:\nfrom  one\nto    another', 'Arguments are missing: from, to.'],
    ['The following error occurred:\n  --a is missing\nSee more help with --help', '--a is missing.'],
    ['The following errors occurred:\n  --a is missing', '--a is missing.'],
    ['The broker says: "NOT_FOUND."', 'The broker says: "NOT_FOUND."'],
    [
      'The following errors occurred:\n  --a=1 cannot also be provided when using --b\n  --c cannot also be provided when using --b',
      '--a cannot be used with --b.\n  --c cannot be used with --b.',
    ],
    [
      'The following error occurred:\n  All of the following must be provided when using --jobs: --exec',
      '--jobs needs --exec.',
    ],
    ['Unexpected argument: x\nNote: --param allows multiple values.\nMore.', 'Unexpected argument: x.'],
  ])('%j', (given, sentence) => {
    const error = new CLIError(given)
    expect(text(error, 'raise')).toBe(`evi: ${sentence}\n  See: evi raise --help\n`)
    expect(json(error)).toEqual({
      error: { code: 'usage', exit: 64, message: sentence, hint: 'See: evi --help' },
    })
  })
})

test('for a developer, an error is the place where it happened, and not its words', () => {
  const stack = stackOf(new TypeError('s3cret\n    s3cret'))
  expect(stack).toMatch(/^TypeError\n {4}at .*report-error\.test\.ts/)
  expect(stack + stackOf('s3cret')).not.toContain('s3cret')
})

test('a prompt left by Ctrl-C is an interruption, and no fault', () => {
  const error = Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' })
  expect(reportError(error, { json: false })).toEqual({ exit: 130, text: 'evi: Interrupted.\n' })
})

describe('no user sees a stack', () => {
  const withStack = new TypeError('Cannot read properties of undefined')
  const twice = new Error(`wrapped\n${withStack.stack}`)

  test.each([withStack, twice, new AggregateError([withStack]), new Error(''), null, 42, {}, Symbol('s')])(
    'of %s',
    (error) => {
      const { exit, text: words } = reportError(error, { json: false })
      expect(exit).toBe(70)
      expect(words).toMatch(/^evi: Something in evi itself went wrong:.*\n {2}This is a bug\..*\n$/)
      expect(words).not.toMatch(/\bat .*\d+:\d+/)
      expect(Object.keys(json(error).error)).toEqual(['code', 'exit', 'message', 'hint'])
    },
  )

  test('nor the cause', () => {
    const error = new EviError('unreachable', 'It failed.', { cause: withStack })
    expect(text(error) + JSON.stringify(json(error))).not.toContain('Cannot read')
  })
})

test('what a terminal would act on is made visible in sentence and hint, in words and as JSON', () => {
  const error = new EviError('no-input', 'No \u001b[2J\u202efile.', { hint: 'Ask \u0007\u009b.' })
  expect(text(error)).toBe('evi: No \\x1b[2J\\u{202e}file.\n  Ask \\x07\\x9b.\n')
  const { text: raw } = reportError(error, { json: true })
  expect(raw).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  expect(JSON.parse(raw).error).toMatchObject({ message: error.message, hint: error.hint })
})

test('a password in the words of any error is masked', () => {
  for (const error of [
    new EviError('usage', 'It is rabbitmq:u:s3cret@h/q.'),
    new CLIError('Unexpected argument: amqp://u:s3cret@h'),
    new Error('connect rabbitmq:u:s3cret@h/q'),
  ])
    expect(text(error) + JSON.stringify(json(error))).not.toContain('s3cret')
})
