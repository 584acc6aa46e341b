import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { TlsDomain, TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { certificateInPkcs12, wrongPassphrase } from './pkcs12.ts'

export interface TlsFilesReport {
  /** Whole days until the first of the certificates ends; null without any. */
  readonly daysLeft: number | null
  /** Whom the client certificate names. */
  readonly subject: string | null
  /** What works today and may not work, in sentences. */
  readonly warnings: readonly string[]
}

const day = 86_400_000
/** Days; a certificate that ends sooner is reported. */
const soon = 14

/**
 * Looks whether the files of a TLS domain can be used: certificates that can be read, a key that fits its certificate.
 *
 * @throws EviError `data` when they cannot
 */
export async function checkTlsFiles(
  domain: TlsDomain,
  contents: TlsFiles,
  now: Date,
): Promise<TlsFilesReport> {
  const authorities = certificatesIn(domain.ca, contents.ca)
  const [own, ...chain] =
    contents.pkcs12 === null
      ? certificatesIn(domain.certificate, contents.certificate)
      : [await certificateInPkcs12(domain.pkcs12 ?? '', contents)].filter((one) => one !== undefined)
  if (own && contents.privateKey !== null) checkKey(own, domain, contents)
  const secret = domain.privateKey ?? domain.pkcs12 ?? ''
  const dated = [...authorities, ...(own ? [own] : []), ...chain]
  const ends = dated.map((certificate) => Math.floor((Date.parse(certificate.validTo) - now.getTime()) / day))
  return {
    daysLeft: ends.length === 0 ? null : Math.min(...ends),
    subject: own ? nameOf(own) : null,
    warnings: [
      ...dated.flatMap((certificate, index) => datesOf(certificate, ends[index] ?? 0, now)),
      ...(contents.ca && /PRIVATE KEY-----/.test(contents.ca.toString('latin1'))
        ? [`${domain.ca} holds a private key, too, which belongs on the authority's own machine only.`]
        : []),
      ...((contents.keyMode ?? 0) & 0o007
        ? [`${secret} is open to every user of this machine: chmod o= ${shellWord(secret)}`]
        : []),
    ],
  }
}

function certificatesIn(file: string | null, content: Buffer | null): X509Certificate[] {
  if (content === null) return []
  const blocks = content
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (!blocks) {
    throw new EviError('data', `${file} holds no certificate.`, {
      hint: 'A certificate file is text with "-----BEGIN CERTIFICATE-----" (PEM); from DER: openssl x509 -inform der',
    })
  }
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch (error) {
    throw new EviError('data', `${file} holds a certificate that cannot be read.`, { cause: error })
  }
}

function checkKey(own: X509Certificate, domain: TlsDomain, { privateKey, passphrase }: TlsFiles): void {
  const file = domain.privateKey
  let key: KeyObject
  try {
    key = createPrivateKey({
      key: privateKey ?? '',
      format: 'pem',
      ...(passphrase !== null && { passphrase }),
    })
  } catch (error) {
    const encrypted = privateKey?.includes('ENCRYPTED')
    if (encrypted) throw wrongPassphrase(`The key in ${file}`, passphrase, error)
    throw new EviError('data', `${file} holds no private key.`, {
      hint: 'A key file is text with "-----BEGIN PRIVATE KEY-----" (PEM).',
      cause: error,
    })
  }
  if (own.checkPrivateKey(key)) return
  throw new EviError('data', `The key in ${file} does not fit the certificate in ${domain.certificate}.`, {
    hint: 'The first certificate in its file must be the one that the key was made for.',
  })
}

function datesOf(certificate: X509Certificate, daysLeft: number, now: Date): string[] {
  const name = nameOf(certificate)
  const date = (text: string) => new Date(text).toISOString().slice(0, 10)
  if (Date.parse(certificate.validFrom) > now.getTime())
    return [`The certificate of ${name} is valid from ${date(certificate.validFrom)} on only.`]
  if (Date.parse(certificate.validTo) < now.getTime())
    return [`The certificate of ${name} expired on ${date(certificate.validTo)}.`]
  return daysLeft < soon ? [`The certificate of ${name} expires on ${date(certificate.validTo)}.`] : []
}

function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? subject?.replaceAll('\n', ', ') ?? 'no name'
}
