import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { EviError, systemCode } from '#lib/errors.ts'
import { passInterrupts } from './signals.ts'

/**
 * Runs a command on evi's own terminal or pipes and resolves with its exit code, 128 and the signal's number when a
 * signal ended it, as a shell has it. Throws `usage` when there is no such command.
 */
export function runCommand(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...rest] = words
  passInterrupts((signal) => child.kill(signal))
  const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, ...environment } })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(command, error)))
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

function cannotRun(command: string, error: Error): EviError {
  const name = JSON.stringify(command)
  if (systemCode(error) === 'ENOENT')
    return new EviError('usage', `There is no command ${name}.`, { cause: error })
  return new EviError('usage', `The command ${name} cannot be run: ${systemCode(error)}.`, { cause: error })
}
