import { once } from 'node:events'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { systemCode } from '../errors.ts'

/** Writes data to stdout; resolves when there is room for more. */
export async function writeOut(data: string | Buffer): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, 'drain')
}

/** Milliseconds between looks at the reader of a pipe. */
const interval = 200

/**
 * Ends the process once nobody reads its stdout any more, even while there is nothing to write: `evi tail | head -1`
 * ends with its line. Linux tells it of a pipe by refusing to open its writing end again.
 */
export function endWithoutReader(): void {
  if (process.platform !== 'linux' || !isPipe(1)) return
  setInterval(() => {
    try {
      closeSync(openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK))
    } catch (error) {
      if (systemCode(error) === 'ENXIO') process.exit()
    }
  }, interval).unref()
}

function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO()
  } catch {
    return false
  }
}
