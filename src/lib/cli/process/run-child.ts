import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { EviError, systemCode } from '#lib/errors.ts'
import { passInterrupts } from './signals.ts'

/** Milliseconds that a command has to end after a signal. */
const grace = 10_000
/** Milliseconds within which a second Ctrl-C means that the command is to end at once. */
const repetition = 2000

export interface ChildOptions {
  /** Variables beside evi's own. */
  readonly environment: NodeJS.ProcessEnv
  /** Called with a sentence before the command is killed. */
  readonly onKill: (sentence: string) => void
  /** Kills what the command started in turn. */
  readonly killRest: () => void
}

/**
 * Runs a command on evi's own terminal or pipes and resolves with its exit code, 128 and the signal's number when a
 * signal ended it, as a shell has it.
 *
 * Signals are passed on to it, but for a Ctrl-C, which the terminal gives to both. It is killed when it has not ended
 * 10 s after a signal, or at a second one. A Ctrl-C alone may be meant for the command (a shell, an editor): only a
 * second one within 2 s ends it.
 *
 * @throws EviError `usage` when there is no such command
 */
export function runCommand(argv: readonly string[], options: ChildOptions): Promise<number> {
  const [command = '', ...rest] = argv
  const { environment, onKill, killRest } = options
  const kill = (sentence: string) => {
    onKill(sentence)
    child.kill('SIGKILL')
    killRest()
  }
  let late: NodeJS.Timeout | undefined
  passInterrupts((signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    if (late !== undefined) return kill(`A second ${signal}: the command is killed.`)
    if (signal === 'SIGINT' && hasTerminal()) {
      late = setTimeout(() => {
        late = undefined
      }, repetition)
      return
    }
    child.kill(signal)
    late = setTimeout(
      () => kill(`The command has not ended within ${grace / 1000} s of ${signal}: it is killed.`),
      grace,
    )
  })
  const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, ...environment } })
  return exitOf(child, command).finally(() => clearTimeout(late))
}

/**
 * Runs a command beside evi's own work and resolves with its exit code, as `runCommand`. Its output goes to stderr, as
 * stdout holds what evi prints.
 *
 * @param signal stops it with SIGTERM, and kills it when it has not ended 10 s later
 * @throws EviError `usage` when there is no such command
 */
export function runBeside(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const [command = '', ...rest] = argv
  const child = spawn(command, rest, { stdio: ['inherit', 2, 2] })
  let late: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGTERM')
    late = setTimeout(() => child.kill('SIGKILL'), grace)
  }
  signal.addEventListener('abort', stop)
  return exitOf(child, command).finally(() => {
    signal.removeEventListener('abort', stop)
    clearTimeout(late)
  })
}

function exitOf(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(command, error)))
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

/** Whether a Ctrl-C comes from a terminal, which gives it to all processes of the foreground. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

function cannotRun(command: string, error: Error): EviError {
  const name = JSON.stringify(command)
  if (systemCode(error) === 'ENOENT')
    return new EviError('usage', `There is no command ${name}.`, { cause: error })
  return new EviError('usage', `The command ${name} cannot be run: ${systemCode(error)}.`, { cause: error })
}
