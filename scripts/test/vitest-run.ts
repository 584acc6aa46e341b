import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { root } from '../prepare.ts'
import { type Numbers, RunProgress, type Step } from './run-progress.ts'

/** Milliseconds; all tests take 3 to 15 minutes on two cores. */
const limit = 60 * 60_000
/** Milliseconds that vitest has to end when it is asked to; a CI that asks kills after 10 s. */
const grace = 3000

/** The numbers of a run, and what is to be said of its tests that passed only at the second try. */
export interface VitestResult extends Numbers {
  readonly retried: string
}

/**
 * Runs vitest, in a process group of its own, and returns its result. Where the run is broken off, prints how far it
 * came. An end in failure without a failed test, as of its set-up, counts as a failed one.
 *
 * @param interrupted breaks the run off; its reason is printed
 * @param options.output where vitest's own words go
 */
export async function runVitest(
  argv: readonly string[],
  interrupted: AbortSignal,
  options: { environment: NodeJS.ProcessEnv; output?: 'inherit' | 'ignore' },
): Promise<VitestResult> {
  const progress = new RunProgress()
  const end = AbortSignal.any([interrupted, timeLimit()])
  if (end.aborted) return giveUp(String(end.reason), progress)
  const { output = 'inherit' } = options
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/test/progress-reporter.ts')}`]
  const child = fork(program, ['run', ...reporters, ...argv], {
    cwd: root,
    env: options.environment,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  child.on('message', (step: Step) => progress.add(step))
  const ended = once(child, 'exit')
  const reason = await Promise.race([ended, once(end, 'abort')]).then(() => end.reason)
  if (reason !== undefined) {
    // Before it ends, as a test that is cut off would count as a failed one.
    const result = giveUp(String(reason), progress)
    await endGroup(child, ended)
    return result
  }
  const [code, signal] = await ended
  if (signal) return giveUp(`${signal} ended vitest.`, progress)
  return code === 0 ? resultOf(progress) : failedResultOf(progress)
}

function timeLimit(): AbortSignal {
  const controller = new AbortController()
  const reason = `The tests have taken ${limit / 60_000} minutes, which is the limit.`
  globalThis.setTimeout(() => controller.abort(reason), limit).unref()
  return controller.signal
}

function giveUp(reason: string, progress: RunProgress): VitestResult {
  process.stderr.write(`\n${reason}\n${progress.describe()}`)
  return failedResultOf(progress)
}

function resultOf(progress: RunProgress): VitestResult {
  return { ...progress.numbers, retried: progress.describeRetried() }
}

function failedResultOf(progress: RunProgress): VitestResult {
  const result = resultOf(progress)
  return { ...result, failed: Math.max(result.failed, 1) }
}

async function endGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM')
  await Promise.race([ended, setTimeout(grace, undefined, { ref: false })])
  signalGroup(child, 'SIGKILL')
  await ended
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}
