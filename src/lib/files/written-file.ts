import { chmodSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { EviError, systemCode } from '#lib/errors.ts'
import { writeWhole } from './write-whole.ts'

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
      // Never open to others, not even for a moment.
      writeWhole(draft, Buffer.from(text), { flags: 'wx', mode: 0o600 })
      chmodSync(draft, mode)
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

/** The path of the file without symbolic links, if there is one. @throws EviError `cannot-write` for a file that evi has not written */
function existing(name: string, mark: string): string | undefined {
  const stats = statSync(name, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (stats.isFile() && (stats.size === 0 || readFileSync(name, 'utf8').startsWith(mark)))
    return realpathSync(name)
  throw new EviError('cannot-write', `${name} is there already, and evi has not written it.`, {
    hint: 'Nothing was written. Name another file, or move this one away.',
  })
}
