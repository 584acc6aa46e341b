import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { systemCode } from '#lib/errors.ts'
import type { EventInput, RunEnd, RunForEvent } from '#lib/services/tail/runs/event-runs.ts'
import { eventVariables, paramPrefix } from '#lib/services/tail/runs/event-variables.ts'
import { requireCommand } from './require-command.ts'

/** Milliseconds that a command has to end after SIGTERM. */
const grace = 10_000
/** Milliseconds for the rest of the output, which something that the command left behind may hold open. */
const restOfOutput = 1000

/**
 * Prepares to run a command for events, without a shell and in a session of its own, so that all it starts can be stopped
 * with it. Its output goes to stderr, made harmless where that is a terminal, as it may repeat what the event says.
 *
 * @param timeout seconds that a run may take
 * @throws EviError `usage` when there is no such command
 */
export function eventRunner(argv: readonly string[], timeout: number | undefined): RunForEvent {
  const [command = '', ...rest] = argv
  requireCommand(command)
  const base = baseEnvironment()
  const children = new Set<ChildProcess>()
  process.once('exit', () => {
    for (const child of children) killGroup(child, 'SIGKILL')
  })
  return async ({ body, variables }, signal) => {
    try {
      const output = process.stderr.isTTY ? 'pipe' : 2
      const env = { ...base, ...variables }
      const child = spawn(command, rest, { detached: true, env, stdio: ['pipe', output, output] })
      children.add(child)
      return await endOf(child, { body, signal, timeout }).finally(() => children.delete(child))
    } catch (error) {
      return notStarted(error)
    }
  }
}

interface Run {
  readonly body: EventInput['body']
  readonly signal: AbortSignal
  readonly timeout: number | undefined
}

async function endOf(child: ChildProcess, { body, signal, timeout }: Run): Promise<RunEnd> {
  const ending = new AbortController()
  let isLate = false
  const stop = () => {
    killGroup(child, 'SIGTERM')
    after(grace, () => killGroup(child, 'SIGKILL'))
  }
  const after = (milliseconds: number, action: () => void) => {
    const timer = setTimeout(action, milliseconds)
    ending.signal.addEventListener('abort', () => clearTimeout(timer))
  }
  if (timeout !== undefined)
    after(timeout * 1000, () => {
      isLate = true
      stop()
    })
  signal.addEventListener('abort', stop, { signal: ending.signal })
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  for (const stream of streams) stream.setEncoding('utf8').on('data', (text) => process.stderr.write(text))
  // A command need not read all, or anything.
  child.stdin?.on('error', () => {}).end(body)
  const { promise, resolve } = Promise.withResolvers<RunEnd>()
  child.once('error', (error) => resolve(notStarted(error)))
  child.once('exit', () =>
    after(restOfOutput, () => {
      for (const stream of streams) stream.destroy()
    }),
  )
  child.once('close', (code, killer) =>
    resolve(
      isLate
        ? { code: 124, how: `had not ended within ${timeout} s, and was stopped` }
        : killer
          ? { code: 128 + constants.signals[killer], how: `was ended by ${killer}` }
          : { code: code ?? 0, how: `ended with exit code ${code}` },
    ),
  )
  return await promise.finally(() => ending.abort())
}

/** Without the event that evi itself may be run for. */
function baseEnvironment(): NodeJS.ProcessEnv {
  const ofEvents: readonly string[] = eventVariables
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ofEvents.includes(name) && !name.startsWith(paramPrefix)),
  )
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

function notStarted(error: unknown): RunEnd {
  const code = systemCode(error)
  return { code: code === 'ENOENT' ? 127 : 126, how: `cannot be run (${code ?? 'unknown reason'})` }
}
