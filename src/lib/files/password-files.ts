import { EviError } from '#lib/errors.ts'
import { readInput, unreadable } from './read-input.ts'
import { type RegularFile, readRegularFile } from './regular-file.ts'

/** Reads the password in a file, or on standard input where the name is `-`. @throws EviError `no-input`, `data` */
export async function readPassword(name: string): Promise<string> {
  return passwordOf(await readInput(name), name)
}

/** The files that hold passwords, read at each login: a token in one of them may have been renewed since the last. */
export class PasswordFiles {
  readonly #last = new Map<string, string>()

  /** The password in the file; what it was before while it cannot be read. @throws EviError `no-input`, `data` the first time */
  read(path: string): string {
    try {
      this.#last.set(path, passwordOf(readWhole(path).bytes.toString(), path))
    } catch (error) {
      if (!this.#last.has(path)) throw error
    }
    return this.#last.get(path) ?? ''
  }
}

function readWhole(path: string): RegularFile {
  try {
    return readRegularFile(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** The text without its last line end. An empty one is refused: its producer has failed, and RabbitMQ's own users have a password. */
function passwordOf(text: string, name: string): string {
  const password = text.replace(/\r?\n$/, '')
  if (password !== '') return password
  throw new EviError('data', `${name === '-' ? 'Standard input' : `The file ${name}`} has no password in it.`)
}
