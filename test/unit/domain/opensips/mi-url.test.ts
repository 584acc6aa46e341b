import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printMiUrl, readMiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError } from '#lib/errors.ts'

test.for([
  ['http://127.0.0.1:8888/mi', 'http://127.0.0.1:8888/mi'],
  ['http://127.0.0.1:8888', 'http://127.0.0.1:8888/mi'],
  ['https://admin:p%40ss@sip.example.com:8888/osmi', 'https://admin@sip.example.com:8888/osmi'],
  ['http://[::1]:8888/mi', 'http://[::1]:8888/mi'],
  ['fifo:/tmp/opensips_fifo', 'fifo:/tmp/opensips_fifo'],
  ['fifo:///tmp/opensips_fifo', 'fifo:/tmp/opensips_fifo'],
  ['fifo:/run/o/fifo?reply_dir=/run/o', 'fifo:/run/o/fifo?reply_dir=/run/o'],
  ['unix:/run/o/mi.sock', 'unix:/run/o/mi.sock'],
  ['udp:127.0.0.1:8080', 'udp:127.0.0.1:8080'],
  ['udp:[::1]:8080', 'udp:[::1]:8080'],
])('the address %s is shown as %s', ([text, printed]) => {
  expect(printMiUrl(readMiUrl(text as string, '--opensips'))).toBe(printed)
})

test('the login of an address is decoded', () => {
  expect(readMiUrl('http://ad%6Din:p%40ss@host:8888/mi', '--opensips')).toMatchObject({
    login: { user: 'admin', password: 'p@ss' },
  })
})

test.for([
  '',
  'opensips',
  'ftp://host/mi',
  'http://',
  'http://h:8888/mi?x=1',
  'http://h:8888/mi#x',
  'http://u:%zz@h/mi',
  'fifo:',
  'fifo:tmp/x',
  'fifo:/tmp/x?dir=/tmp',
  'fifo:/tmp/x?reply_dir=tmp',
  'unix:relative',
  `unix:/${'x'.repeat(107)}`,
  'udp:host',
  'udp:host:0',
  'udp:host:65536',
  'udp:host:8080/x',
  'amqp://u:s3cret@host',
])('the address "%s" is refused without being quoted', (text) => {
  const refused = () => readMiUrl(text, 'EVI_OPENSIPS')
  expect(refused).toThrow(EviError)
  expect(refused).toThrow(/^EVI_OPENSIPS/)
  expect(refused).not.toThrow(/s3cret/)
})

test('whatever is read, no password is shown', () => {
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), fc.string(), (url, secret) => {
      const text = url.replace('://', `://user:pw${encodeURIComponent(secret)}wp@`).split(/[?#]/)[0] as string
      expect(printMiUrl(readMiUrl(text, '--opensips'))).not.toContain(`pw${encodeURIComponent(secret)}wp`)
    }),
  )
})
