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
  if (pkcs12 === null || !isPkcs12(pkcs12) || isCutOff(pkcs12)) throw noPkcs12(file, undefined)
  const { createSecureContext } = await import('node:tls')
  try {
    const context = createSecureContext({ pfx: pkcs12, ...(passphrase !== null && { passphrase }) })
    return shownBy(context)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (isWrongPassphrase(error)) throw wrongPassphrase(file, passphrase, error)
    if (/unsupported/i.test(reason)) {
      throw new EviError('data', `${file} is encrypted in a way that OpenSSL 3 does not read any more.`, {
        hint: `Write it anew: openssl pkcs12 -legacy -in ${shellWord(file)} -nodes -out NEW.pem && openssl pkcs12 -export -in NEW.pem -out NEW.p12`,
        cause: error,
      })
    }
    throw noPkcs12(file, error)
  }
}

function noPkcs12(file: string, cause: unknown): EviError {
  return new EviError('data', `${file} is no PKCS #12 file.`, {
    hint: 'Make one: openssl pkcs12 -export -in evi.pem -inkey evi.key -out evi.p12',
    cause,
  })
}

/** Whether a file is PKCS #12 by its first bytes: a sequence whose version is 3 (RFC 7292, 4). */
export function isPkcs12(content: Buffer): boolean {
  if (content[0] !== 0x30) return false
  const length = content[1] ?? 0
  // A length of 128 and more is written in as many bytes as its lower bits say.
  const start = length > 0x80 ? 2 + (length & 0x7f) : 2
  return content.subarray(start, start + 3).equals(Buffer.of(0x02, 0x01, 0x03))
}

/** Whether the sequence is longer than the file: bun's TLS asks for a passphrase then. */
function isCutOff(content: Buffer): boolean {
  const length = content[1] ?? 0
  if (length <= 0x80) return length < 0x80 && content.length < 2 + length
  const start = 2 + (length & 0x7f)
  // A length of more than four bytes is longer than any file.
  return start > 6 || content.length < start || content.length < start + content.readUIntBE(2, start - 2)
}

/** Whether the key or the PKCS #12 file is encrypted. */
export async function needsPassphrase({ privateKey, pkcs12 }: TlsFiles): Promise<boolean> {
  if (pkcs12 === null) return privateKey?.includes('ENCRYPTED') ?? false
  if (isCutOff(pkcs12)) return false
  const { createSecureContext } = await import('node:tls')
  try {
    createSecureContext({ pfx: pkcs12 })
    return false
  } catch (error) {
    return isWrongPassphrase(error)
  }
}

/** What OpenSSL, or bun's TLS, says of a PKCS #12 file, which has no code. */
function isWrongPassphrase(error: unknown): boolean {
  return error instanceof Error && /\bmac verif/i.test(error.message)
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
