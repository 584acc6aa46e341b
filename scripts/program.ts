import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { takeInterrupts } from '#lib/cli/process/signals.ts'

/** Aborted by Ctrl-C and its like: ends all programs, so that the code that waits for one fails and cleans up. */
export const interrupted = takeInterrupts()

export interface ProgramOptions {
  /** The file that stands on stdin; by default nothing. */
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface Started {
  readonly child: ChildProcess
  /** Rejects with the program's own words when it fails, as a run that does not do its work must not count. */
  readonly ended: Promise<void>
}

/**
 * Runs a program to its end.
 *
 * @returns the milliseconds from its start to its end
 * @throws Error see `Started`
 */
export async function timeOf(command: readonly string[], options: ProgramOptions = {}): Promise<number> {
  const stdin = openSync(options.input ?? '/dev/null', 'r')
  const begin = performance.now()
  const { ended } = start(command, { stdio: [stdin, 'ignore', 'pipe'] }, options.environment)
  closeSync(stdin)
  await ended
  return performance.now() - begin
}

export function start(
  command: readonly string[],
  options: SpawnOptions,
  environment: Readonly<Record<string, string>> = {},
): Started {
  const [program = '', ...words] = command
  const env = { ...process.env, ...environment }
  const child = spawn(program, words, { ...options, env, signal: interrupted, killSignal: 'SIGKILL' })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stdin?.on('error', () => {})
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  child.on('error', reject)
  child.on('exit', (code, signal) => {
    if (code === 0) resolve()
    else reject(new Error(`${command.join(' ')} ended with ${code ?? signal}.\n${said}`))
  })
  // It may fail before anything waits for it.
  ended.catch(() => {})
  return { child, ended }
}

/** Waits until the program says so on stderr. @throws Error when it ends before */
export async function said({ child, ended }: Started, words: string): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    let text = ''
    child.stderr?.on('data', (chunk: string) => {
      text += chunk
      if (text.includes(words)) resolve()
    })
  })
  await Promise.race([
    heard,
    ended.then(() => Promise.reject(new Error(`It ended without saying "${words}".`))),
  ])
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined
}

/** The peak of the program's resident memory in MB, 0 once it has ended. */
export function peakMemoryOf({ pid }: ChildProcess): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  // A process that has ended reports no more.
  return Number(kilobytes ?? 0) / 1000
}
