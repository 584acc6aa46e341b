import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** Two PEM files. */
export interface KeyPair {
  readonly certificate: string
  readonly privateKey: string
}

/** The common name of the client's certificate, and so its user with SASL EXTERNAL. */
export const clientUser = 'evi-client'

/** Certificates of each kind, as files; all issued by `ca` and valid for a year but where a test says otherwise. */
export interface Certificates {
  readonly directory: string
  readonly ca: string
  /** An authority that issued none of them but `untrusted`. */
  readonly otherCa: string
  /** For localhost, 127.0.0.1 and ::1, as all but `wrongName`. */
  readonly server: KeyPair
  /** For broker.example alone. */
  readonly wrongName: KeyPair
  /** Since yesterday. */
  readonly expired: KeyPair
  /** Issued by the other authority. */
  readonly untrusted: KeyPair
  /** Issued by an intermediate authority, whose certificate follows in the same file. */
  readonly chained: KeyPair
  /** The same without the intermediate's certificate: a server set up so cannot be verified. */
  readonly unchained: KeyPair
  readonly client: KeyPair
  /** The server's certificate with a key that does not fit it. */
  readonly misfit: KeyPair
  /** A server's certificate that is valid for so many days from now, and an hour. */
  expiringIn(days: number): Promise<KeyPair>
  remove(): void
}

/** Makes all of them in a temporary directory. */
export async function makeCertificates(): Promise<Certificates> {
  const directory = mkdtempSync(join(tmpdir(), 'evi-certificates-'))
  const ca = await issue({ name: 'test authority', authority: true })
  const otherCa = await issue({ name: 'other authority', authority: true })
  const intermediate = await issue({ name: 'intermediate authority', authority: true, by: ca })
  const chained = await issue({ by: intermediate })
  const save = async (name: string, order: Issued | Promise<Issued>, ...chain: Issued[]) =>
    await saveTo(join(directory, name), [await order, ...chain])
  const [server, client] = [
    await save('server', issue({ by: ca })),
    await save('client', issue({ name: clientUser, names: [], by: ca })),
  ]
  return {
    directory,
    ca: (await save('ca', ca)).certificate,
    otherCa: (await save('other-ca', otherCa)).certificate,
    server,
    wrongName: await save('wrong-name', issue({ name: 'broker.example', names: ['broker.example'], by: ca })),
    expired: await save('expired', issue({ days: -1, by: ca })),
    untrusted: await save('untrusted', issue({ by: otherCa })),
    chained: await save('chained', chained, intermediate),
    unchained: await save('unchained', chained),
    client,
    misfit: { certificate: server.certificate, privateKey: client.privateKey },
    expiringIn: async (days) => await save(`expiring-in-${days}`, issue({ days, by: ca })),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

interface Order {
  readonly name?: string
  readonly names?: readonly string[]
  readonly authority?: boolean
  /** Default: itself. */
  readonly by?: Issued
  readonly days?: number
}

interface Issued {
  readonly certificate: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const local = ['localhost', '127.0.0.1', '::1']

async function issue({
  name = 'localhost',
  names = local,
  authority = false,
  by,
  days = 365,
}: Order): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const notAfter = new Date(Date.now() + days * 24 * hour + hour)
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: by ? by.certificate.subject : [{ CN: [name] }],
    notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - hour),
    notAfter,
    publicKey: keys.publicKey,
    signingKey: (by?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    extensions: authority
      ? [
          new BasicConstraintsExtension(true, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ]
      : [
          new BasicConstraintsExtension(false),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(generalNames(names))]),
        ],
  })
  return { certificate, keys }
}

function generalNames(names: readonly string[]): JsonGeneralNames {
  return names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))
}

/** The certificate, those behind it, and the first one's key. */
async function saveTo(path: string, chain: readonly [Issued, ...Issued[]]): Promise<KeyPair> {
  const files = { certificate: `${path}.pem`, privateKey: `${path}.key` }
  const key = await crypto.subtle.exportKey('pkcs8', chain[0].keys.privateKey)
  writeFileSync(
    files.certificate,
    chain.map(({ certificate }) => `${certificate.toString('pem')}\n`).join(''),
  )
  writeFileSync(files.privateKey, `${PemConverter.encode(key, 'PRIVATE KEY')}\n`, { mode: 0o600 })
  return files
}
