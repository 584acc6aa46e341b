import { readFile } from 'node:fs/promises'
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
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
