import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Certificates, clientUser, makeCertificates } from '../../helpers/brokers/certificates.ts'
import { Client } from '../../helpers/brokers/client.ts'
import { startTlsBroker, type TlsBroker } from '../../helpers/brokers/tls-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

/** bun cannot read the subject of a PKCS #12 file. */
const shownSubject = process.env.EVI_PROGRAM ? {} : { subject: clientUser }

let certificates: Certificates
let broker: TlsBroker
let demanding: TlsBroker
let client: Client
beforeAll(async () => {
  certificates = await makeCertificates()
  const demandsClientCertificate = true
  ;[broker, demanding] = await Promise.all([
    startTlsBroker(certificates, { servesManagement: true }),
    startTlsBroker(certificates, { demandsClientCertificate }),
  ])
  client = await Client.connect(broker.port)
})
afterAll(async () => {
  await client?.close()
  await Promise.all([broker?.stop(), demanding?.stop()])
  certificates?.remove()
})

useEvi()

interface Failure {
  readonly exit: number
  readonly step: string
  readonly reason: RegExp
  readonly hint: RegExp
}

/** The same failure of a raise, plain and as JSON, and of a check, at the right step. */
async function expectFailure(socket: string, { exit, step, reason, hint }: Failure): Promise<void> {
  const raise = ['raise', 'E_X', '--socket', socket]
  const plain = await evi.run(raise)
  expect(plain).toMatchObject({ code: exit, stderr: '', stdout: expect.stringMatching(reason) })
  expect(plain.stdout).toMatch(hint)
  const json = await evi.run([...raise, '--json'])
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: exit, stderr: '' })
  const reported = { reason: expect.stringMatching(reason), hint: expect.stringMatching(hint) }
  expect(JSON.parse(json.stdout).results[0]).toMatchObject(reported)
  const check = await evi.run(['check', '--socket', socket, '--json'])
  expect(check.code).toBe(exit)
  expect(JSON.parse(check.stdout).checks[0].steps.at(-1)).toMatchObject({
    step,
    status: 'failed',
    ...reported,
  })
}

const setDomain = async (...flags: string[]) => {
  expect((await evi.run(['tls-domain', 'set', 'd', ...flags])).code).toBe(0)
}
const socketOf = (port: number, { host = 'localhost', login = 'guest:guest@', route = 'q' } = {}) =>
  `rabbitmq:${login}${host}:${port}/tls_domain=d?${route}`

describe('a broker that is what it says', () => {
  test.each(['localhost', '127.0.0.1'])('takes an event over TLS by the name %s', async (host) => {
    const queue = await client.queue()
    await setDomain('--ca', certificates.ca)
    const socket = socketOf(broker.tlsPort, { host, route: queue })
    expect(await evi.run(['raise', 'E_X', '--socket', socket, '--sync'])).toMatchObject({ code: 0 })
    expect((await client.take(queue)).map(({ content }) => content.toString())).toEqual([
      '{"jsonrpc":"2.0","method":"E_X"}',
    ])
  })

  test('is watched over TLS', async () => {
    await setDomain('--ca', certificates.ca)
    const socket = `rabbitmq:guest:guest@localhost:${broker.tlsPort}/exchange=amq.topic;tls_domain=d?tls.seen`
    const tail = evi.start(['tail', '--socket', socket, '--count', '1', '--raw'])
    await tail.said('stderr', /Watching/)
    client.channel.publish('amq.topic', 'tls.seen', Buffer.from('{"seen":true}'))
    expect(await tail.ended).toMatchObject({ code: 0, stdout: '{"seen":true}\n' })
  })

  test('may have its certificate from an intermediate authority', async () => {
    await setDomain('--ca', certificates.ca)
    await broker.show(certificates.chained)
    expect((await evi.run(['check', '--verbose', '--socket', socketOf(broker.tlsPort)])).stdout).toMatch(
      /✔ tls/,
    )
    await broker.show(certificates.unchained)
    await expectFailure(socketOf(broker.tlsPort), {
      exit: 69,
      step: 'tls',
      reason: /issued by intermediate authority, comes from no authority/,
      hint: /tls-domain set d --ca FILE/,
    })
    await broker.show(certificates.server)
  })

  test('is shown with its certificate', async () => {
    await setDomain('--ca', certificates.ca)
    const { stdout } = await evi.run(['check', '--socket', socketOf(broker.tlsPort), '--json'])
    expect(
      JSON.parse(stdout).checks[0].steps.find(({ step }: { step: string }) => step === 'tls'),
    ).toMatchObject({
      status: 'passed',
      tls: { protocol: 'TLSv1.3', issuer: 'test authority', daysLeft: 365, verified: true },
    })
  })

  test('but whose certificate is about to expire is reported', async () => {
    await setDomain('--ca', certificates.ca)
    await broker.show(await certificates.expiringIn(3))
    const { stdout } = await evi.run(['check', '--socket', socketOf(broker.tlsPort)])
    await broker.show(certificates.server)
    expect(stdout).toMatch(/! tls .+\n +The certificate expires in 3 days/)
  })
})

describe('a broker that is not to be trusted', () => {
  afterEach(async () => await broker.show(certificates.server))

  test.each<[string, () => string[]]>([
    ['by the domain', () => ['--ca', certificates.otherCa]],
    ['by the machine', () => []],
  ])('as its authority is unknown %s', async (_whose, flags) => {
    await setDomain(...flags())
    await expectFailure(socketOf(broker.tlsPort), {
      exit: 69,
      step: 'tls',
      reason: /issued by test authority, comes from no authority that/,
      hint: /evi tls-domain set d --ca FILE/,
    })
  })

  test('as its certificate is made out to another name, which evi can be made to expect', async () => {
    await setDomain('--ca', certificates.ca)
    await broker.show(certificates.wrongName)
    await expectFailure(socketOf(broker.tlsPort), {
      exit: 69,
      step: 'tls',
      reason: /is made out to broker.example, not to localhost/,
      hint: /evi tls-domain set d --ca \S+ --server-name broker.example/,
    })
    await setDomain('--ca', certificates.ca, '--server-name', 'broker.example')
    expect((await evi.run(['check', '--verbose', '--socket', socketOf(broker.tlsPort)])).stdout).toMatch(
      /✔ login/,
    )
  })

  test('as its certificate expired', async () => {
    await setDomain('--ca', certificates.ca)
    await broker.show(certificates.expired)
    await expectFailure(socketOf(broker.tlsPort), {
      exit: 69,
      step: 'tls',
      reason: /The certificate of localhost:\d+ expired on \d{4}-\d\d-\d\d/,
      hint: /Renew it/,
    })
  })

  test('is trusted all the same where the domain says so, which is reported', async () => {
    await setDomain('--no-verify-cert')
    await broker.show(certificates.expired)
    const { stdout } = await evi.run(['check', '--socket', socketOf(broker.tlsPort)])
    expect(stdout).toMatch(/! tls .+ not verified\n +The certificate has expired[\s\S]+✔ login/)
  })
})

describe('a broker that wants a client certificate', () => {
  const own = ({ certificate, privateKey }: { certificate: string; privateKey: string }) => [
    '--certificate',
    certificate,
    '--private-key',
    privateKey,
  ]

  test('is reported when there is none', async () => {
    await setDomain('--ca', certificates.ca)
    await expectFailure(socketOf(demanding.tlsPort), {
      exit: 69,
      step: 'tls',
      reason: /localhost:\d+ wants a client certificate/,
      hint: /evi tls-domain set d --ca \S+ --certificate FILE --private-key FILE/,
    })
  })

  test('is reported when it is of an authority that it does not trust, or expired', async () => {
    for (const pair of [certificates.untrusted, certificates.expired]) {
      await setDomain('--ca', certificates.ca, ...own(pair))
      await expectFailure(socketOf(demanding.tlsPort), {
        exit: 69,
        step: 'tls',
        reason: /does not accept the client certificate/,
        hint: /ssl_options.cacertfile/,
      })
    }
  })

  test('lets its owner in by it, where the socket names no user', async () => {
    await setDomain('--ca', certificates.ca, ...own(certificates.client))
    const anonymous = socketOf(demanding.tlsPort, { login: '' })
    const { stdout } = await evi.run(['check', '--socket', anonymous, '--json'])
    expect(
      JSON.parse(stdout).checks[0].steps.find(({ step }: { step: string }) => step === 'login'),
    ).toMatchObject({
      status: 'passed',
      mechanism: 'EXTERNAL',
    })
    await demanding.rabbitmqctl('set_permissions', clientUser, '^$', '^$', '^$')
    const named = socketOf(demanding.tlsPort, { login: 'guest:guest@', route: 'none' })
    expect((await evi.run(['raise', 'E_X', '--socket', named])).code).toBe(5)
    expect((await evi.run(['raise', 'E_X', '--socket', anonymous])).code).toBe(77)
  })

  const file = (name: string, content: string) => {
    const path = join(evi.configDirectory, name)
    writeFileSync(path, content)
    return path
  }
  const passphrase = 'of the key'
  const encryptedKey = () => {
    const key = createPrivateKey(readFileSync(certificates.client.privateKey))
    const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    return file('encrypted.key', pem.toString())
  }
  const pkcs12 = () => {
    const path = join(evi.configDirectory, 'client.p12')
    const { certificate, privateKey } = certificates.client
    const files = ['-in', certificate, '-inkey', privateKey, '-out', path]
    execFileSync('openssl', ['pkcs12', '-export', ...files, '-passout', `pass:${passphrase}`])
    return path
  }

  test.each<[string, () => string[]]>([
    [
      'an encrypted key',
      () => ['--certificate', certificates.client.certificate, '--private-key', encryptedKey()],
    ],
    ['a PKCS #12 file', () => ['--pkcs12', pkcs12()]],
  ])('lets its owner in by %s and its passphrase, which are read at each connection', async (_, flags) => {
    const passphraseFile = file('passphrase', `${passphrase}\n`)
    await setDomain('--ca', certificates.ca, ...flags(), '--passphrase-file', passphraseFile)
    const [domain] = (await evi.json<{ domains: object[] }>('tls-domain', 'list')).domains
    expect(domain).toMatchObject({ passphraseFile, daysLeft: 365, ...shownSubject })
    const check = ['check', '--socket', socketOf(demanding.tlsPort, { login: '' }), '--json']
    expect((await evi.run(check)).stdout).toContain('"mechanism":"EXTERNAL"')
    writeFileSync(passphraseFile, 'another one')
    const { code, stdout } = await evi.run(check)
    expect(code).toBe(69)
    expect(stdout).toMatch(/A certificate or key file for \S+ cannot be used.*evi tls-domain list/)
    expect(stdout).not.toContain('another one')
    expect((await evi.run(['tls-domain', 'list'])).stdout).toMatch(/another passphrase than the one given/)
  })

  test.each<[string, () => string[], number, RegExp]>([
    ['without its passphrase', () => ['--pkcs12', pkcs12()], 65, /is encrypted\.\n.+--passphrase-file FILE/],
    [
      'with another passphrase',
      () => ['--pkcs12', pkcs12(), '--passphrase-file', file('wrong', 'another one')],
      65,
      /client\.p12 is encrypted with another passphrase than the one given/,
    ],
    ['that is none', () => ['--pkcs12', certificates.ca], 65, /is no PKCS #12 file/],
    [
      'beside a certificate',
      () => ['--pkcs12', pkcs12(), '--certificate', certificates.client.certificate],
      64,
      /--pkcs12 cannot be used with --certificate/,
    ],
  ])('is not given a PKCS #12 file %s', async (_, flags, code, words) => {
    const ended = await evi.run(['tls-domain', 'set', 'd', ...flags()])
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(words) })
    expect(ended.stderr).not.toContain('another one')
  })

  test('is given no passphrase without a key', async () => {
    const ended = await evi.run(['tls-domain', 'set', 'd', '--passphrase-file', file('unused', 'x')])
    expect(ended).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--private-key FILE or --pkcs12'),
    })
  })

  test('keeps the socket without a user through the store', async () => {
    await setDomain('--ca', certificates.ca, ...own(certificates.client))
    await evi.run(['subscribe', 'E_X', socketOf(demanding.tlsPort, { login: '' })])
    const { subscriptions } = await evi.json<{ subscriptions: { socket: string }[] }>('list')
    expect(subscriptions[0]?.socket).toBe(`rabbitmq:localhost:${demanding.tlsPort}/tls_domain=d?q`)
    expect((await evi.run(['check', '--json'])).stdout).toContain('"mechanism":"EXTERNAL"')
  })
})

describe('the management API over HTTPS', () => {
  const check = async () => {
    const url = `https://localhost:${broker.httpsPort}`
    return (await evi.run(['check', '--socket', socketOf(broker.tlsPort), '--management', url])).stdout
  }

  test("is trusted by the authority of the socket's TLS domain", async () => {
    await setDomain('--ca', certificates.ca)
    await client.channel.assertQueue('q')
    expect(await check()).toMatch(/takes/)
    expect(await check()).not.toMatch(/not trusted/)
  })

  test('is not trusted by another authority, and gets no login', async () => {
    await setDomain('--ca', certificates.otherCa, '--no-verify-cert')
    expect(await check()).toMatch(
      /The certificate of the management API at localhost:\d+ is not trusted[\s\S]+evi tls-domain set NAME --ca FILE/,
    )
  })
})

describe('the wrong port', () => {
  test('TLS on a plain one', async () => {
    await setDomain('--ca', certificates.ca)
    await expectFailure(socketOf(broker.port), {
      exit: 69,
      step: 'tls',
      reason: /localhost:\d+ does not speak TLS: it looks like a plain port/,
      hint: /5671/,
    })
  })

  test('plain AMQP on one with TLS', async () => {
    await expectFailure(`rabbitmq:guest:guest@localhost:${broker.tlsPort}/q`, {
      exit: 69,
      step: 'tls',
      reason: /localhost:\d+ speaks TLS, and the socket has no tls_domain/,
      hint: /evi tls-domain set NAME/,
    })
  })
})

test('a domain that is not there is reported with those that are', async () => {
  await setDomain('--ca', certificates.ca)
  await expectFailure(`rabbitmq:localhost:${broker.tlsPort}/tls_domain=office?q`, {
    exit: 69,
    step: 'tls',
    reason: /There is no TLS domain "office"/,
    hint: /Those there are: d\. Make it: evi tls-domain set office --ca FILE/,
  })
})
