import { expect, test } from 'vitest'
import { certificateInPkcs12, isPkcs12, needsPassphrase } from '#lib/services/subscriptions/pkcs12.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const contents = (pkcs12: Buffer) => ({
  ca: null,
  certificate: null,
  privateKey: null,
  pkcs12,
  passphrase: null,
})

test.each([
  ['a long one', '30 82 09 d6 02 01 03 30', true],
  ['a short one', '30 20 02 01 03 30', true],
  ['one without a length', '30 80 02 01 03 30', true],
  ['a certificate in DER', '30 82 03 0b 30 82 01 f3', false],
  ['another version', '30 20 02 01 01 30', false],
  ['a text', '2d 2d 2d 2d 2d', false],
  ['nothing', '', false],
])('a PKCS #12 file is known by its first bytes: %s', (_, hex, expected) => {
  expect(isPkcs12(bytes(hex))).toBe(expected)
})

test.each([['30 82 09 d6 02 01 03 30'], ['30 82'], ['30 88 ff ff ff ff ff ff ff ff'], ['30 20 02 01 03']])(
  'a PKCS #12 file that is cut off is none, and needs no passphrase: %s',
  async (hex) => {
    const cut = contents(bytes(hex))
    expect(await needsPassphrase(cut)).toBe(false)
    await expect(certificateInPkcs12('evi.p12', cut)).rejects.toMatchObject({
      code: 'data',
      message: 'evi.p12 is no PKCS #12 file.',
    })
  },
)
