import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { EviError, systemCode } from '#lib/errors.ts'

/**
 * Writes a text file as a whole or not at all. It takes the place only of a file that begins with the same mark, so that
 * no other one is lost by a slip of the hand.
 *
 * @param options.mode such as 0o600 for a file with passwords
 * @throws EviError `cannot-write`
 */
export function writeTextFile(
  name: string,
  text: string,
  { mark, mode }: { readonly mark: string; readonly mode: number },
): void {
  try {
    const target = existing(name, mark) ?? name
    const draft = join(dirname(target), `.${basename(target)}.${process.pid}.draft`)
    try {
      write(draft, text, mode)
      renameSync(draft, target)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
  } catch (error) {
    if (error instanceof EviError) throw error
    throw new EviError(
      'cannot-write',
      `The file ${name} cannot be written (${systemCode(error) ?? error}).`,
      {
        cause: error,
      },
    )
  }
}

/** Where the file really is, if there is one that may be replaced. @throws EviError `cannot-write` for another one */
function existing(name: string, mark: string): string | undefined {
  const stats = statSync(name, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (stats.isFile() && (stats.size === 0 || readFileSync(name, 'utf8').startsWith(mark)))
    return realpathSync(name)
  throw new EviError('cannot-write', `${name} is there already, and evi has not written it.`, {
    hint: 'Nothing was written. Name another file, or move this one away.',
  })
}

function write(draft: string, text: string, mode: number): void {
  // Never open to others, not even for a moment.
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(file, text)
    fchmodSync(file, mode)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
