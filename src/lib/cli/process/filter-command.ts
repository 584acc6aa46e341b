import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { EviError, systemCode } from '#lib/errors.ts'

/**
 * Runs a text through a command, whose words are split at blanks, without a shell. What it writes to stderr is seen.
 *
 * @throws EviError `usage` when there is no such command, `data` when it fails or prints nothing
 */
export async function filterCommand(command: string, input: Buffer): Promise<Buffer> {
  const [program = '', ...rest] = command.split(/\s+/).filter((word) => word !== '')
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  // A command may end before it has read all.
  child.stdin.on('error', () => {})
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdin.end(input)
  let code: number | null
  let signal: NodeJS.Signals | null
  try {
    ;[code, signal] = await once(child, 'close')
  } catch (error) {
    const reason = systemCode(error) === 'ENOENT' ? 'there is no such command' : systemCode(error)
    throw new EviError('usage', `The command ${JSON.stringify(program)} cannot be run: ${reason}.`, {
      cause: error,
    })
  }
  if (code !== 0)
    throw new EviError('data', `The preprocessor ${JSON.stringify(program)} ended with ${code ?? signal}.`)
  if (output.length > 0) return Buffer.concat(output)
  throw new EviError('data', `The preprocessor ${JSON.stringify(program)} printed nothing.`, {
    hint: 'It gets the configuration on standard input and must print it to standard output.',
  })
}
