import { readFile } from 'node:fs/promises'
import type { TlsDomain, TlsFiles } from '../domain/tls-domain.ts'
import { EviError, systemCode } from '../errors.ts'

/**
 * Reads a whole file, or standard input where the name is `-`.
 *
 * @throws EviError `no-input` when it cannot be read, `data` when it is not UTF-8
 */
export async function readInput(name: string): Promise<string> {
  const bytes = name === '-' ? await readStandardInput() : await readWholeFile(name)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new EviError('data', `${name === '-' ? 'Standard input' : name} is not valid UTF-8.`, {
      cause: error,
    })
  }
}

/** What the files of a TLS domain hold; null for those it does not name. @throws EviError `no-input` */
export async function readTlsFiles({ ca, certificate, privateKey }: TlsDomain): Promise<TlsFiles> {
  const read = async (path: string | null) => (path === null ? null : await readWholeFile(path))
  const [first, second, third] = await Promise.all([ca, certificate, privateKey].map(read))
  return { ca: first ?? null, certificate: second ?? null, privateKey: third ?? null }
}

/** A password is the file's text without its last line end. */
export async function readPassword(name: string): Promise<string> {
  return (await readInput(name)).replace(/\r?\n$/, '')
}

async function readWholeFile(name: string): Promise<Buffer> {
  try {
    return await readFile(name)
  } catch (error) {
    throw new EviError('no-input', `The file ${name} cannot be read (${systemCode(error)}).`, {
      cause: error,
    })
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  } catch (error) {
    throw new EviError('no-input', `Standard input cannot be read (${systemCode(error)}).`, { cause: error })
  }
  return Buffer.concat(chunks)
}
