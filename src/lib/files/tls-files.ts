import type { TlsDomain, TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { readRegularFile } from './regular-file.ts'

const hint = 'Put it back, or set the domain anew: evi tls-domain set --help'

/** Reads the files of a TLS domain, when they are used. @throws EviError `unreachable` when a file cannot be read or holds no certificate */
export function readTlsFiles({ name, ca, certificate, privateKey }: TlsDomain): TlsFiles {
  const read = (path: string | null) => (path === null ? null : readTlsFile(name, path))
  // Node takes a file without any certificate for an empty list, and then trusts no certificate.
  const authorities = read(ca)
  if (authorities && !authorities.includes('-----BEGIN ')) {
    throw new EviError('unreachable', `The file ${ca} of the TLS domain "${name}" holds no certificate.`, {
      hint,
    })
  }
  return { ca: authorities, certificate: read(certificate), privateKey: read(privateKey) }
}

function readTlsFile(domain: string, path: string): Buffer {
  try {
    return readRegularFile(path).bytes
  } catch (error) {
    const reason = systemCode(error)
    throw new EviError(
      'unreachable',
      `The file ${path} of the TLS domain "${domain}" cannot be read (${reason}).`,
      { hint, cause: error },
    )
  }
}
