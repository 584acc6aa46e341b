import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportError } from '#lib/cli/report-error.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { EviError } from '#lib/errors.ts'
import { cases } from '../../../helpers/cases.ts'

function refusal(text: string): EviError | undefined {
  try {
    parseSocket(text)
  } catch (error) {
    if (error instanceof EviError) return error
    throw error
  }
  return undefined
}

/** All that a user gets to see of a refusal, in words and as JSON. */
function shown(error: EviError): string {
  return [false, true].map((json) => reportError(error, { json }).text).join('') + error.message
}

const user = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map(encodeURIComponent)
const password = fc.string({ unit: 'binary', maxLength: 12 }).map(encodeURIComponent)
const login = fc.oneof(
  fc.constant({ written: '', masked: '' }),
  fc.tuple(user, password).map(([name, secret]) => ({
    written: `${name}:${secret}@`,
    masked: `${name}:***@`,
  })),
)
const broken = fc.constantFrom(
  { before: '', after: ',h2/k' },
  { before: 'h1,', after: ',h2/k' },
  { before: 'h:', after: '0/k' },
  { before: 'h:', after: '70000/k' },
  { before: 'h1:1,h2:', after: 'x/k' },
  { before: '[::1]', after: 'x/k' },
  { before: '[', after: '::g]/k' },
  { before: 'h', after: '' },
  { before: 'h/', after: '' },
  { before: 'h/a', after: '%zz' },
  { before: 'h/e?a', after: '%' },
  { before: 'h/', after: 'a=1?k' },
  { before: 'h/persistent;vhost=v;', after: 'bogus=1?k' },
  { before: 'h/persistent;', after: 'persistent?k' },
  { before: 'h/vhost=', after: '?k' },
  { before: 'h/e?żółć😀', after: '%' },
)

test('the caret stands under the place, whatever stands before it', () => {
  fc.assert(
    fc.property(login, broken, ({ written, masked }, { before, after }) => {
      const error = refusal(`rabbitmq:${written}${before}${after}`)
      const [sentence = '', line = '', caret = '', ...more] = error?.message.split('\n') ?? []
      expect(more).toEqual([])
      expect(sentence).toMatch(/^The socket cannot be read: .+\.$/)
      const upToThePlace = `  rabbitmq:${masked}${before}`
      expect(line.slice(0, upToThePlace.length)).toBe(upToThePlace)
      expect(caret).toBe(`${' '.repeat([...upToThePlace].length)}^`)
    }),
    { numRuns: cases(2000) },
  )
})

test.each(['rabbitmq:alice@h:5672/a%zz', 'rabbitmq:alice@[::1]/a%zz', 'rabbitmq:alice@[::1]:5672/bogus=1?k'])(
  'without a password nothing is masked: %s',
  (text) => {
    expect(refusal(text)?.message).toContain(`\n  ${text}\n`)
  },
)

test('what cannot be shown takes one place in the line', () => {
  expect(refusal('rabbitmq:h/a\u001b\u202e😀%zz')?.message.split('\n').slice(1)).toEqual([
    '  rabbitmq:h/a\u{FFFD}\u{FFFD}😀%zz',
    '                 ^',
  ])
})

describe('a password is in no refusal', () => {
  const separator = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.stringMatching(/^[@:/?;,=%[\]'" \n]{0,4}$/),
  )

  test('with anything in it, however the rest is broken', () => {
    const frame = fc.constantFrom(
      (secret: string) => `rabbitmq:user:${secret}@host:port/key`,
      (secret: string) => `rabbitmq:user:${secret}@host`,
      (secret: string) => `rabbitmq:user:${secret}@/key`,
      (secret: string) => `rabbitmq:user:${secret}@h1,,h2/key`,
      (secret: string) => `rabbitmq:user:${secret}@::1/key`,
      (secret: string) => `rabbitmq:user:${secret}@host/%zz`,
      (secret: string) => `rabbitmq:user:${secret}@host/bogus=1?key`,
      (secret: string) => `rabbitmq::${secret}@host/key`,
      (secret: string) => `rabbitmq:us%er:${secret}@host/key`,
      (secret: string) => `rabbitmq:ada:be:${secret}@host:port/key`,
      (secret: string) => `rabbitmq://user:${secret}@host:port/key`,
      (secret: string) => `RabbitMQ:user:${secret}@host/key`,
      (secret: string) => `RABBITMQ:user:${secret}@host/key`,
      (secret: string) => `amqp://user:${secret}@host/key`,
      (secret: string) => `amqps://user:${secret}@host:5671/vhost`,
      (secret: string) => `user:${secret}@host/key`,
    )
    fc.assert(
      fc.property(frame, separator, separator, (socketWith, one, two) => {
        const error = refusal(socketWith(`Qxz1${one}Wzx2${two}Kqj3`))
        if (error) expect(error.message + error.hint).not.toMatch(/Qxz1|Wzx2|Kqj3/)
      }),
      { numRuns: cases(20_000) },
    )
  })

  test('of a socket without its host', () => {
    const plain = fc.stringMatching(/^[!-.0-9:-?A-~]{0,6}$/)
    fc.assert(
      fc.property(plain, plain, fc.constantFrom('', '/key', '/e?key'), (one, two, rest) => {
        const error = refusal(`rabbitmq:user:Qxz1${one}Wzx2${two}Kqj3${rest}`)
        if (error) expect(shown(error)).not.toMatch(/Qxz1|Wzx2|Kqj3/)
      }),
      { numRuns: cases(5000) },
    )
  })

  test.each(['RABBITMQ:user:s3cret/key', 'amqp://user:s3cret/key', 'amqp://user:s3cret', 'user:s3cret/key'])(
    'of a socket without its host, its scheme wrong too: %s',
    (text) => {
      expect(refusal(text)?.message).not.toContain('s3cret')
    },
  )

  test('that has a ":" in it and no host behind it, though it looks like an address at first', () => {
    expect(refusal('rabbitmq:ada:be:s3cret/key')?.message).not.toContain('s3cret')
  })
})
