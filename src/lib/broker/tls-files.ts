import { readFileSync } from 'node:fs'
import { EviError, systemCode } from '../errors.ts'

/** A file of a TLS domain, read when it is used. @throws EviError `unreachable` when that fails */
export function readTlsFile(domain: string, kind: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new EviError(
      'unreachable',
      `The ${kind} file ${path} of the TLS domain "${domain}" cannot be read (${systemCode(error)}).`,
      { hint: 'Put it back, or set the domain anew: evi tls-domain set --help', cause: error },
    )
  }
}
