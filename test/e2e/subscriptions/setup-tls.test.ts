import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Certificates, clientUser, makeCertificates } from '../../helpers/brokers/certificates.ts'
import { startTlsBroker, type TlsBroker } from '../../helpers/brokers/tls-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

/** bun cannot read the subject of a PKCS #12 file. */
const shownSubject = process.env.EVI_PROGRAM ? {} : { subject: clientUser }

const { enter, clearLine } = keys
const passphrase = 'of the key'

let certificates: Certificates
let broker: TlsBroker
useEvi()
beforeAll(async () => {
  certificates = await makeCertificates()
  broker = await startTlsBroker(certificates)
})
afterAll(async () => {
  await broker?.stop()
  certificates?.remove()
})

/** A file in the home of the user, by its name there. */
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(evi.configDirectory, name), content)
  return name
}

/** Answers up to the client certificate, which is the next question. */
async function trust(terminal: Terminal): Promise<void> {
  await terminal.answer('Which broker?', 'RabbitMQ e', enter)
  await terminal.answer('Host', `localhost:${broker.tlsPort}`, enter)
  await terminal.answer('It speaks TLS', enter)
  await terminal.answer('Name in its certificate', enter)
  await terminal.answer('CA file', certificates.ca, enter)
}

/** Answers from the vhost to the end. */
async function finish(terminal: Terminal): Promise<void> {
  await terminal.answer('Vhost', enter)
  await terminal.answer('Exchange', 'amq.topic', enter)
  await terminal.answer('Routing key', enter)
  await terminal.answer('Time until it expires', enter)
  await terminal.answer('yes, after a test event', enter)
  await terminal.shows('The test event arrived')
}

const subscribed = async () =>
  (await evi.json<{ subscriptions: { socket: string }[] }>('list')).subscriptions.map(({ socket }) => socket)

test('a port that speaks TLS is noticed, and a TLS domain made for it, each file tried at once', async () => {
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await terminal.answer('Which broker?', 'RabbitMQ e', enter)
  await terminal.answer('Host', `localhost:${broker.tlsPort}`, enter)
  await terminal.answer('It speaks TLS', enter)
  await terminal.answer('Name in its certificate', enter)
  await terminal.answer('CA file', '/nowhere/ca.pem', enter)
  await terminal.answer(
    '/nowhere/ca.pem cannot be read (no such file)',
    clearLine,
    certificates.otherCa,
    enter,
  )
  await terminal.shows('comes from no authority')
  await terminal.answer("Give the authority's file.", clearLine, certificates.ca, enter)
  await terminal.answer('File of a client certificate', enter)
  await terminal.answer('User', enter)
  await finish(terminal)
  await terminal.shows(`evi tls-domain set localhost --ca ${certificates.ca}`)
  expect(await terminal.ended()).toBe(0)
  // No queue is bound there, which the broker can only say behind TLS.
  expect(await evi.run(['raise', 'E_X'])).toMatchObject({ code: 5 })
})

test('the wizard takes a client certificate for the login', async () => {
  const { client, server } = certificates
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await trust(terminal)
  await terminal.answer('File of a client certificate', client.certificate, enter)
  await terminal.answer('File of its private key', server.privateKey, enter)
  await terminal.answer('does not fit', clearLine, client.privateKey, enter)
  await terminal.answer('Log in with', enter)
  await finish(terminal)
  expect(await terminal.ended()).toBe(0)
  expect(await subscribed()).toEqual([
    `rabbitmq:localhost:${broker.tlsPort}/exchange=amq.topic;tls_domain=localhost?evi`,
  ])
})

test('the wizard takes a PKCS #12 file with its passphrase, and paths that begin with ~', async () => {
  const { certificate, privateKey } = certificates.client
  const path = join(evi.configDirectory, 'client.p12')
  execFileSync('openssl', [
    ...['pkcs12', '-export', '-in', certificate, '-inkey', privateKey, '-out', path],
    ...['-passout', `pass:${passphrase}`],
  ])
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await trust(terminal)
  await terminal.answer('File of a client certificate', '~/client.p12', enter)
  await terminal.answer('File with its passphrase', `~/${file('wrong', 'another one')}`, enter)
  await terminal.shows('client.p12 is encrypted with another passphrase than the one given.')
  await terminal.shows('The passphrase is the text of its file without the last line end.')
  terminal.type(clearLine, `~/${file('right', `${passphrase}\n`)}`, enter)
  await terminal.answer('Log in with', enter)
  await finish(terminal)
  await terminal.shows(
    `evi tls-domain set localhost --ca ${certificates.ca} --pkcs12 ${path} --passphrase-file ${join(evi.configDirectory, 'right')}`,
  )
  expect(await terminal.ended()).toBe(0)
  expect(terminal.text).not.toMatch(new RegExp(`another one|${passphrase}`))
  const [domain] = (await evi.json<{ domains: object[] }>('tls-domain', 'list')).domains
  expect(domain).toMatchObject({ pkcs12: path, ...shownSubject })
  expect((await evi.run(['check', '--json'])).stdout).toContain('"mechanism":"EXTERNAL"')
})

test('the wizard asks for the passphrase of an encrypted key, here in one file with its certificate', async () => {
  const { certificate, privateKey } = certificates.client
  const key = createPrivateKey(readFileSync(privateKey))
  const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
  file('both.pem', `${readFileSync(certificate, 'utf8')}${pem}`)
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await trust(terminal)
  await terminal.answer('File of a client certificate', '~/both.pem', enter)
  await terminal.shows('File of its private key')
  await terminal.answer(join(evi.configDirectory, 'both.pem'), enter)
  await terminal.answer('File with its passphrase', enter)
  await terminal.answer('A file is needed.', `~/${file('right', passphrase)}`, enter)
  // Both are to be seen by their owner only.
  await terminal.shows('is open to every user of this machine')
  await terminal.answer('Log in with', enter)
  await finish(terminal)
  expect(await terminal.ended()).toBe(0)
  expect((await evi.run(['check', '--json'])).stdout).toContain('"mechanism":"EXTERNAL"')
})

test.each<[string, (home: string) => void, string]>([
  ['is not there', () => {}, 'cannot be read (no such file)'],
  ['holds no certificate', (home) => writeFileSync(join(home, 'own'), 'hello'), 'holds no certificate'],
  [
    'is PKCS #12 that is cut off',
    (home) => writeFileSync(join(home, 'own'), Buffer.from('308209d60201033082', 'hex')),
    'own is no PKCS #12 file',
  ],
])('the wizard does not take a client certificate that %s', async (_, write, words) => {
  write(evi.configDirectory)
  await using terminal = new Terminal(evi, ['setup', 'E_X'])
  await trust(terminal)
  await terminal.answer('File of a client certificate', '~/own', enter)
  await terminal.shows(words)
})
