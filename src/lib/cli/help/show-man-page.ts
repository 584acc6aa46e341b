import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passInterrupts } from '#lib/cli/process/signals.ts'
import { EviError, systemCode } from '#lib/errors.ts'

/**
 * Shows a man page by man(1), on evi's own terminal or pipes.
 *
 * @returns the exit code of man
 * @throws EviError `not-found` where there is no man
 */
export async function showManPage(name: string, page: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'evi-man-'))
  try {
    const file = join(directory, `${name}.1`)
    writeFileSync(file, page)
    // Ctrl-C is the pager's, as under man itself.
    passInterrupts((signal) => signal !== 'SIGINT' && child.kill(signal))
    const child = spawn('man', [file], { stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    return code ?? 1
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    throw new EviError('not-found', 'There is no program man here.', {
      hint: 'Install it (Debian: man-db), or leave --man out.',
      cause: error,
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
