import type { TlsDomain, TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import { EviError, readingReason } from '#lib/errors.ts'
import { openInput } from './open-input.ts'
import { type RegularFile, readRegularFile } from './regular-file.ts'
import { passphraseIn } from './tls-files.ts'

/**
 * Reads a whole file, or standard input where the name is `-`.
 *
 * @throws EviError `no-input` when it cannot be read, `data` when it is not UTF-8
 */
export async function readInput(name: string): Promise<string> {
  const bytes = await readBytes(name)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new EviError('data', `${name === '-' ? 'Standard input' : name} is not valid UTF-8.`, {
      cause: error,
    })
  }
}

/** What the files of a TLS domain hold; null for those it does not name. @throws EviError `no-input` */
export function readTlsFiles(domain: TlsDomain): TlsFiles {
  const read = (path: string | null = null) => (path === null ? undefined : readRegular(path))
  const bytes = (path?: string | null) => read(path)?.bytes ?? null
  const secret = domain.privateKey ?? domain.pkcs12
  return {
    ca: bytes(domain.ca),
    certificate: bytes(domain.certificate),
    privateKey: bytes(domain.privateKey),
    pkcs12: bytes(domain.pkcs12),
    passphrase: passphraseIn(bytes(domain.passphraseFile)),
    keyMode: read(secret)?.stats.mode,
  }
}

function readRegular(path: string): RegularFile {
  try {
    return readRegularFile(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** The bytes of a whole file, or of standard input where the name is `-`. @throws EviError `no-input` */
export async function readBytes(name: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of openInput(name).stream) chunks.push(chunk)
  } catch (error) {
    throw unreadable(name, error)
  }
  return Buffer.concat(chunks)
}

/** What could not be read, and why. @param name `-` for standard input */
export function unreadable(name: string, error: unknown): EviError {
  const input = name === '-' ? 'Standard input' : `The file ${name}`
  return new EviError('no-input', `${input} cannot be read (${readingReason(error)}).`, {
    cause: error,
  })
}
