import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { cases } from '../../../helpers/cases.ts'

test("a socket's password is masked in the middle of a sentence, and the rest stays", () => {
  const secret = fc.stringMatching(/^[!#-.0-?A-~]{0,5}$/).filter((text) => !/[%@']/.test(text))
  const rest = fc.constantFrom('h/q', 'h:1,[::1]/e?q', 'h/persistent;vhost=v?q', 'h/us@er')
  fc.assert(
    fc.property(secret, rest, (password, place) => {
      const text = (shown: string) => `Unexpected argument: rabbitmq:u:${shown}@${place} was given.`
      expect(maskPasswords(text(`Qxz1${password}`))).toBe(text('***'))
    }),
    { numRuns: cases(3000) },
  )
})

test.each(["s3'cret", 's3"cret', 's3 cret', 's3\u00a0cret'])(
  'a password that a shell had to quote is masked whole: %s',
  (password) => {
    const socket = `rabbitmq:u:${password}@h/q`
    expect(parseSocket(socket).password).toBe(password)
    expect(maskPasswords(`Unexpected argument: ${socket}`)).not.toContain('cret')
  },
)

test.each([
  'E_X has no subscribers.',
  'rabbitmq:h/q',
  'rabbitmq:h:5672/q',
  'rabbitmq:guest@h1:5672,[::1]:5672/vhost=v?q',
  'rabbitmq:[::1]/q',
  'amqp://h:5672/v',
])('%s stays as it is', (text) => {
  expect(maskPasswords(text)).toBe(text)
})

test('the password of any socket that is accepted is masked, however the user is written', () => {
  const user = fc.constantFrom('u', 'us er', "us'er", 'u,v', 'u;v', 'u?v', 'u=v', '%41', '[u', '1')
  const separator = fc.stringMatching(/^[a1:?;,=[\]'" \t]{0,4}$/)
  fc.assert(
    fc.property(user, separator, separator, (name, one, two) => {
      const socket = `rabbitmq:${name}:Qxz1${one}Wzx2${two}Kqj3@h/q`
      expect(parseSocket(socket).password).toMatch(/^Qxz1.*Kqj3$/)
      expect(maskPasswords(`Unexpected argument: ${socket}.`)).not.toMatch(/Qxz1|Wzx2|Kqj3/)
    }),
    { numRuns: cases(3000) },
  )
})
