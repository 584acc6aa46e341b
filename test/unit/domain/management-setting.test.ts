import { expect, test } from 'vitest'
import {
  guessedManagementUrl,
  printManagementSetting,
  readManagementSetting,
} from '#lib/domain/management-setting.ts'

test.each([
  ['auto', 'auto'],
  ['off', 'off'],
  ['http://h:15672', 'http://h:15672'],
  ['https://eve:s3cret@h:15671/rmq/', 'https://h:15671/rmq/'],
])('%s is read, and shown as %s', (text, shown) => {
  expect(printManagementSetting(readManagementSetting(text, 'management'))).toBe(shown)
})

test.each(['', 'on', 'h:15672', 'ftp://h', 'http://%ff@h'])('%j is refused, with what to write', (text) => {
  expect(() => readManagementSetting(text, 'EVI_MANAGEMENT')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'EVI_MANAGEMENT is neither auto nor off nor the address of a management API.',
    }),
  )
})

test.each([
  ['the usual port', null, 'h', 5672, 'http://h:15672/'],
  ['IPv6', null, '::1', 5672, 'http://[::1]:15672/'],
  ['the usual port of TLS', 'd', 'h', 5671, 'https://h:15671/'],
  ['another port', null, 'h', 5673, undefined],
  ['the usual port of TLS without TLS', null, 'h', 5671, undefined],
  ['TLS on the usual port without', 'd', 'h', 5672, undefined],
])('an API is guessed for %s as little as its protection allows', (_, tlsDomain, host, port, url) => {
  expect(guessedManagementUrl({ tlsDomain }, { host, port })?.href).toBe(url)
})
