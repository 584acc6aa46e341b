import { X509Certificate } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import type { TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * The client certificate of a PKCS #12 file; undefined where the runtime does not show it.
 *
 * @throws EviError `data` when the file cannot be used
 */
export async function certificateInPkcs12(
  file: string,
  { pkcs12, passphrase }: TlsFiles,
): Promise<X509Certificate | undefined> {
  const { createSecureContext } = await import('node:tls')
  try {
    const context = createSecureContext({ pfx: pkcs12 ?? '', ...(passphrase !== null && { passphrase }) })
    return shownBy(context)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (/mac verify/i.test(reason)) throw wrongPassphrase(file, passphrase, error)
    if (/unsupported/i.test(reason)) {
      throw new EviError('data', `${file} is encrypted in a way that OpenSSL 3 does not read any more.`, {
        hint: `Write it anew: openssl pkcs12 -legacy -in ${shellWord(file)} -nodes -out NEW.pem && openssl pkcs12 -export -in NEW.pem -out NEW.p12`,
        cause: error,
      })
    }
    throw new EviError('data', `${file} is no PKCS #12 file.`, {
      hint: 'Make one: openssl pkcs12 -export -in evi.pem -inkey evi.key -out evi.p12',
      cause: error,
    })
  }
}

/** An encrypted file without its passphrase, or with another one. @param what the file, at the start of a sentence */
export function wrongPassphrase(what: string, given: string | null, cause: unknown): EviError {
  if (given !== null) {
    return new EviError('data', `${what} is encrypted with another passphrase than the one given.`, {
      hint: 'The passphrase is the text of its file without the last line end: --passphrase-file FILE',
      cause,
    })
  }
  return new EviError('data', `${what} is encrypted.`, {
    hint: 'Give the file with its passphrase: --passphrase-file FILE',
    cause,
  })
}

/** Node has this for its own tests, and no other way to look into PKCS #12; bun has none. */
function shownBy({ context }: SecureContext): X509Certificate | undefined {
  const { getCertificate } = context as { getCertificate?: () => Buffer | null }
  const bytes = getCertificate?.call(context)
  return bytes ? new X509Certificate(bytes) : undefined
}
