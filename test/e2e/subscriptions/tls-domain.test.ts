import { createPrivateKey } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Certificates, clientUser, makeCertificates } from '../../helpers/brokers/certificates.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates()
})
afterAll(() => certificates.remove())

useEvi()

const set = (...words: string[]) => evi.run(['tls-domain', 'set', ...words])
const stored = () => join(evi.configDirectory, 'tls-domains.json')

test('a domain is set, listed, replaced as a whole and removed', async () => {
  const { ca, client } = certificates
  const own = ['--certificate', client.certificate, '--private-key', client.privateKey]
  const first = await set('office', '--ca', ca, ...own)
  expect(first).toMatchObject({
    code: 0,
    stderr: '',
    stdout: `✔ Set the TLS domain office, logs in as ${clientUser} where no user is named.\n`,
  })
  expect(statSync(stored()).mode & 0o777).toBe(0o600)
  expect(await evi.json('tls-domain', 'list')).toEqual({
    domains: [
      {
        name: 'office',
        ca,
        certificate: client.certificate,
        privateKey: client.privateKey,
        pkcs12: null,
        passphraseFile: null,
        verifyCert: true,
        serverName: null,
        subject: clientUser,
        daysLeft: 365,
        warnings: [],
      },
    ],
  })
  const second = await set('office', '--no-verify-cert', '--server-name', 'broker.example')
  expect(second.stdout).toBe(
    '✔ Replaced the TLS domain office.\n! evi takes any server that answers for the broker.\n',
  )
  const list = await evi.run(['tls-domain', 'list'])
  expect(list.stdout).toMatch(/^NAME +CA .+\noffice +of the machine +none +no +broker.example/)
  expect(await evi.run(['tls-domain', 'remove', 'office'])).toMatchObject({ code: 0, stderr: '' })
  expect(await evi.json('tls-domain', 'list')).toEqual({ domains: [] })
  expect(await evi.run(['tls-domain', 'remove', 'office'])).toMatchObject({ code: 4, stdout: '' })
})

test('a file is found again from any directory', async () => {
  await set('office', '--ca', relative(process.cwd(), certificates.ca))
  const { domains } = await evi.json<{ domains: { ca: string }[] }>('tls-domain', 'list')
  expect(domains[0]?.ca).toBe(certificates.ca)
})

test('a domain in use is removed by force only, and its subscriptions are named', async () => {
  await set('office', '--ca', certificates.ca)
  await evi.run(['subscribe', 'E_X', 'rabbitmq:127.0.0.1/tls_domain=office?q'])
  expect(await evi.run(['tls-domain', 'remove', 'office'])).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(
      /E_X rabbitmq:127\.0\.0\.1:5671\/tls_domain=office\?q\n.*remove office --force\n$/,
    ),
  })
  expect(await evi.json('tls-domain', 'list')).toMatchObject({ domains: [{ name: 'office' }] })
  const { code, stdout } = await evi.run(['tls-domain', 'remove', 'office', '--force'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('! E_X still needs it') })
  expect(await evi.run(['tls-domain', 'remove', 'office'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('There is no TLS domain "office"'),
  })
})

describe('files that cannot be used are refused, and nothing is stored', () => {
  const file = (name: string, content: string) => {
    const path = join(evi.configDirectory, name)
    writeFileSync(path, content)
    return path
  }
  const encrypted = () => {
    const key = createPrivateKey(readFileSync(certificates.client.privateKey))
    const secret = { cipher: 'aes-256-cbc', passphrase: 'x' }
    return file('encrypted.key', key.export({ type: 'pkcs8', format: 'pem', ...secret }).toString())
  }

  test.each<[string, () => string[], number, RegExp]>([
    [
      'a file that is not there',
      () => ['--ca', '/nowhere/ca.pem'],
      66,
      /\/nowhere\/ca.pem cannot be read \(no such file\)/,
    ],
    [
      'a file without a certificate',
      () => ['--ca', file('ca.pem', 'hello')],
      65,
      /ca.pem holds no certificate/,
    ],
    [
      'a certificate that is torn',
      () => ['--ca', file('torn.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')],
      65,
      /torn.pem holds a certificate that cannot be read/,
    ],
    [
      'a certificate without its key',
      () => ['--certificate', certificates.client.certificate],
      64,
      /go together/,
    ],
    [
      'a key without its certificate',
      () => ['--private-key', certificates.client.privateKey],
      64,
      /go together/,
    ],
    [
      'a key of another certificate',
      () => [
        '--certificate',
        certificates.misfit.certificate,
        '--private-key',
        certificates.misfit.privateKey,
      ],
      65,
      /does not fit the certificate/,
    ],
    [
      'a key that is encrypted',
      () => ['--certificate', certificates.client.certificate, '--private-key', encrypted()],
      65,
      /is encrypted[\s\S]+--passphrase-file FILE/,
    ],
    [
      'a key that is none',
      () => ['--certificate', certificates.client.certificate, '--private-key', certificates.ca],
      65,
      /holds no private key/,
    ],
  ])('%s', async (_what, flags, code, words) => {
    const ended = await set('office', ...flags())
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(words) })
    expect(existsSync(stored())).toBe(false)
  })

  test('a name that cannot stand in a socket', async () => {
    expect(await set('', '--ca', certificates.ca)).toMatchObject({ code: 64, stdout: '' })
    expect(await set('x'.repeat(300), '--ca', certificates.ca)).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('what will not work for long is reported, and stored', () => {
  const warned = async (pair: { certificate: string; privateKey: string }) =>
    await set('office', '--certificate', pair.certificate, '--private-key', pair.privateKey)

  test('a certificate that expired, or is about to', async () => {
    expect(await warned(certificates.expired)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/! The certificate of localhost expired on \d{4}-\d\d-\d\d\./),
    })
    expect((await warned(await certificates.expiringIn(3))).stdout).toMatch(/expires on/)
    expect((await warned(await certificates.expiringIn(60))).stdout).not.toMatch(/expires on/)
  })

  test('a private key that every user can read', async () => {
    const { certificate, privateKey } = certificates.client
    const key = join(evi.configDirectory, 'open.key')
    writeFileSync(key, readFileSync(privateKey))
    chmodSync(key, 0o644)
    const words = ['--certificate', certificate, '--private-key', key]
    expect((await set('office', ...words)).stdout).toContain(
      `${key} is open to every user of this machine: chmod o= ${key}`,
    )
    chmodSync(key, 0o640)
    expect((await set('office', ...words)).stdout).not.toContain('is open')
  })

  test('a private key where the authority belongs', async () => {
    const path = join(evi.configDirectory, 'both.pem')
    writeFileSync(
      path,
      readFileSync(certificates.ca, 'utf8') + readFileSync(certificates.client.privateKey, 'utf8'),
    )
    expect((await set('office', '--ca', path)).stdout).toContain('holds a private key, too')
  })

  test('a file that went away since is reported by list', async () => {
    const path = join(evi.configDirectory, 'ca.pem')
    writeFileSync(path, readFileSync(certificates.ca))
    await set('office', '--ca', path)
    rmSync(path)
    const list = await evi.run(['tls-domain', 'list'])
    expect(list).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/! office: The file .+ca.pem cannot be read/),
    })
  })
})

test('a damaged store is left as it is', async () => {
  writeFileSync(stored(), '{"version":1,"domains":[{"name":1}]}')
  for (const words of [['list'], ['set', 'office'], ['remove', 'office']])
    expect(await evi.run(['tls-domain', ...words])).toMatchObject({ code: 78, stdout: '' })
  expect(readFileSync(stored(), 'utf8')).toBe('{"version":1,"domains":[{"name":1}]}')
})
