import type { TlsDomain, TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import { EviError, readingReason } from '#lib/errors.ts'
import { readRegularFile } from './regular-file.ts'

const hint = 'Put it back, or set the domain anew: evi tls-domain set --help'

/** Reads the files of a TLS domain, when they are used. @throws EviError `unreachable` when a file cannot be read or holds no certificate */
export function readTlsFiles({ name, ...domain }: TlsDomain): TlsFiles {
  const { ca } = domain
  const read = (path: string | null = null) => (path === null ? null : readTlsFile(name, path))
  // Node takes a file without any certificate for an empty list, and then trusts no certificate.
  const authorities = read(ca)
  if (authorities && !authorities.includes('-----BEGIN ')) {
    throw new EviError('unreachable', `The file ${ca} of the TLS domain "${name}" holds no certificate.`, {
      hint,
    })
  }
  return {
    ca: authorities,
    certificate: read(domain.certificate),
    privateKey: read(domain.privateKey),
    pkcs12: read(domain.pkcs12),
    passphrase: passphraseIn(read(domain.passphraseFile)),
  }
}

/** A passphrase is the file's text without its last line end. */
export function passphraseIn(content: Buffer | null): string | null {
  return content === null ? null : content.toString().replace(/\r?\n$/, '')
}

function readTlsFile(domain: string, path: string): Buffer {
  try {
    return readRegularFile(path).bytes
  } catch (error) {
    throw new EviError(
      'unreachable',
      `The file ${path} of the TLS domain "${domain}" cannot be read (${readingReason(error)}).`,
      { hint, cause: error },
    )
  }
}
