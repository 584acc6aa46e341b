import { flush } from '@oclif/core/flush'
import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import { systemCode } from './errors.ts'
import { exitWhenInterrupted } from './terminal/interrupt.ts'
import { reportError } from './terminal/report-error.ts'

/**
 * Runs evi with the words of the command line and ends the process.
 *
 * @param root the package's root, where package.json and the manifest are
 */
export async function runProgram(root: string): Promise<never> {
  // A user's NODE_ENV=development must not make oclif look for TypeScript sources.
  settings.enableAutoTranspile = false
  endWithClosedPipe(process.stdout)
  endWithClosedPipe(process.stderr)
  exitWhenInterrupted()
  const words = process.argv.slice(2)
  try {
    await run(words, root)
    await flush()
  } catch (error) {
    const report = reportError(error, { json: words.includes('--json') })
    process.exitCode = report.exit
    ;(words.includes('--json') ? process.stdout : process.stderr).write(report.text)
  }
  // A name that is still being looked up must not keep evi alive.
  process.exit()
}

/** Nobody reads any more: `evi list | head -1` ends at once, as what was decided so far. */
function endWithClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error) => {
    if (systemCode(error) === 'EPIPE') process.exit()
    throw error
  })
}
