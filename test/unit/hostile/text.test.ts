import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportError } from '#lib/cli/report-error.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { readParamsLine, readStreamLine } from '#lib/domain/event/input-line.ts'
import { buildNotification, readNotification } from '#lib/domain/event/notification.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { identityOf, printSocket } from '#lib/domain/socket/socket.ts'
import { readSubscriptionLine } from '#lib/domain/subscription/subscription-line.ts'
import { EviError } from '#lib/errors.ts'
import { utf8Length } from '#lib/text/characters.ts'
import { compactJson } from '#lib/text/json-text.ts'
import { cases } from '../../helpers/cases.ts'
import { leftovers } from '../../helpers/evi/hostile-text.ts'

/** What the action returns; undefined for an error of evi's own, and for no other. */
function tried<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    const { text } = reportError(error, { json: false })
    expect(leftovers(text)).toEqual([])
    expect(error.exit).toBeGreaterThan(3)
    return undefined
  }
}

/** Any text, and text made of what means something to evi. */
function textOf(...words: string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  )
  return fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''))
}

const socketText = textOf(
  ...[
    'rabbitmq:',
    'amqp://',
    'u',
    'user:pw@',
    '@',
    ':',
    '/',
    '?',
    ';',
    ',',
    '=',
    '%',
    '%41',
    '%ff',
    '[::1]',
    '[',
    ']',
  ],
  ...[
    'h',
    ':5672',
    ':0',
    'exchange=',
    'persistent',
    'vhost=',
    'tls_domain=',
    ' ',
    '\n',
    '\x1b[',
    '\u202e',
    '\ud800',
  ],
).chain((text) => fc.constantFrom(text, `rabbitmq:${text}`, `rabbitmq:h/${text}`))

const jsonText = textOf(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\"',
    '\\u',
    '\\ud800',
    '""',
    '1',
    '-0',
    '1e999',
    'null',
    ' ',
    '\n',
    '{}',
  ],
  ...[
    '"a":',
    '"jsonrpc":"2.0"',
    '"method":"E_X"',
    '"params":',
    '"message":',
    '"body":"x"',
    '"time":1',
    '"properties":{',
  ],
).chain((text) =>
  fc.constantFrom(text, `{"jsonrpc":"2.0","method":"E","params":${text}}`, `{${text}}`, JSON.stringify(text)),
)

test('a socket is read, and read again from what is printed the same, or refused in not many more words', () => {
  fc.assert(
    fc.property(socketText, (text) => {
      const socket = tried(() => parseSocket(text))
      if (!socket) {
        const { message } = refusalOf(text)
        expect(message.length).toBeLessThan(3 * text.length + 400)
        return
      }
      const printed = printSocket(socket)
      expect(leftovers(printed)).toEqual([])
      expect(identityOf(parseSocket(printed))).toBe(identityOf(socket))
      expect(printSocket(parseSocket(printed))).toBe(printed)
      if (typeof socket.password === 'string' && /^[^\s%]{5,}$/.test(socket.password))
        expect(printed.split('@')[0]).not.toContain(`:${socket.password}`)
    }),
    { numRuns: cases(2000) },
  )
})

function refusalOf(text: string): Error {
  try {
    parseSocket(text)
  } catch (error) {
    return error as Error
  }
  throw new Error('It is not refused.')
}

test("an event's name has 1 to 64 bytes and nothing unseen in it, or is refused", () => {
  fc.assert(
    fc.property(textOf('E_X', ' ', '-', '\ufe0f', '\u3164', '\u00a0'), (text) => {
      const name = tried(() => checkEventName(text))
      if (name === undefined) return
      expect(name).toBe(text)
      expect(name).not.toMatch(/[\s\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{DI}]/u)
      expect(utf8Length(name)).toBeLessThanOrEqual(64)
    }),
    { numRuns: cases(1000) },
  )
})

test('of parameters comes a notification that reads back as they were given, or an error', () => {
  const named = fc.array(
    fc.oneof(
      textOf('=', ':=', 'a', '1', '{}', '"'),
      jsonText.map((text) => `a:=${text}`),
    ),
    { maxLength: 3 },
  )
  fc.assert(
    fc.property(named, fc.option(jsonText, { nil: undefined }), (assignments, whole) => {
      const body = tried(() => buildNotification('E', { named: assignments, unnamed: [], whole }))
      if (body === undefined) return
      expect(body).not.toContain('\n')
      const { params } = JSON.parse(body)
      if (whole === undefined)
        expect(Object.keys(params ?? {}).length).toBeLessThanOrEqual(assignments.length)
      const read = readNotification(body)
      expect(read).toMatchObject({ event: 'E', json: body })
    }),
    { numRuns: cases(2000) },
  )
})

test('a line of a stream says which event and what to publish, or is refused', () => {
  fc.assert(
    fc.property(fc.oneof(jsonText, fc.string({ unit: 'binary' })), (text) => {
      const line = tried(() => readStreamLine(text))
      if (line) {
        expect(checkEventName(line.event)).toBe(line.event)
        expect(JSON.parse(line.notification ?? text)).toMatchObject({ jsonrpc: '2.0', method: line.event })
      }
      const params = tried(() => readParamsLine('E', text))
      if (params?.notification)
        expect(JSON.parse(params.notification)).toMatchObject({ jsonrpc: '2.0', method: 'E' })
    }),
    { numRuns: cases(2000) },
  )
})

test('a line of subscriptions is read or refused, and no password is in the refusal', () => {
  const secret = 'Qxz1Wzx2'
  const line = socketText.chain((text) =>
    fc.constantFrom(
      `E_X rabbitmq:u:${secret}@${text}`,
      JSON.stringify({ event: 'E', socket: `rabbitmq:u:${secret}@${text}` }),
      text,
      `{${text}`,
    ),
  )
  fc.assert(
    fc.property(line, (text) => {
      try {
        readSubscriptionLine(text)
      } catch (error) {
        expect(error).toBeInstanceOf(EviError)
        expect(reportError(error, { json: false }).text).not.toContain(secret)
        expect(reportError(error, { json: true }).text).not.toContain(secret)
      }
    }),
    { numRuns: cases(2000) },
  )
})

test('any error leaves as a harmless sentence, or as JSON that means the same', () => {
  fc.assert(
    fc.property(
      textOf('\n', '\x1b[31m', 'rabbitmq:u:p@h', '\nNote: --', 'x'.repeat(50)),
      fc.constantFrom('usage', 'refused', 'data'),
      (text, code) => {
        const error = new EviError(code as 'usage', text, { hint: text })
        expect(leftovers(reportError(error, { json: false }).text)).toEqual([])
        const { text: json } = reportError(error, { json: true })
        expect(json).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{DI}]/u)
        expect(JSON.parse(json).error).toMatchObject({ code, hint: text })
      },
    ),
    { numRuns: cases(1000) },
  )
})

describe('an input of megabytes that is made to be slow takes no time', () => {
  const many = 100_000
  test.each<[string, () => unknown]>([
    ['JSON with five million escapes', () => compactJson(`[ "${'\\n'.repeat(5_000_000)}"]`)],
    [
      'JSON with a million backslashes before each quote',
      () => compactJson(`[ "${'\\\\'.repeat(1_000_000)}\\"", "\\\\"]`),
    ],
    ['JSON nested deep', () => compactJson(` ${'['.repeat(many)}"\\n"${']'.repeat(many)}`)],
    ['sockets without an end in a sentence', () => maskPasswords('rabbitmq:a:'.repeat(many))],
    ['sockets without an end, and one "@"', () => maskPasswords(`${'rabbitmq:a:'.repeat(many)}@`)],
    ['"amqp" and no more', () => maskPasswords('amqp:'.repeat(many))],
    ['colons', () => tried(() => parseSocket(`rabbitmq:${':'.repeat(many)}x/q%`))],
    ['"@"', () => tried(() => parseSocket(`rabbitmq:${'a@'.repeat(many)}x/q%`))],
    ['escapes', () => tried(() => parseSocket(`rabbitmq:h/${'%41'.repeat(many)}%`))],
    ['control characters', () => tried(() => parseSocket(`rabbitmq:h/${'\x1b'.repeat(many)}%`))],
    ['parameters', () => tried(() => parseSocket(`rabbitmq:h/${'a=1;'.repeat(many)}?k`))],
    ['blanks', () => tried(() => readSubscriptionLine(`E${' '.repeat(many)}x`))],
    ['members', () => tried(() => readParamsLine('E', `{${'"a\\n":1,'.repeat(many)}"b":1}`))],
  ])(
    '%s',
    (_, action) => {
      const start = performance.now()
      action()
      // Milliseconds; each takes some hundred at most, and what is quadratic minutes.
      expect(performance.now() - start).toBeLessThan(10_000)
    },
    60_000,
  )
})
