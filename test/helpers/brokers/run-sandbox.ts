import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { program } from '../evi/program.ts'
import { slowness } from '../slowness.ts'

const slow = { timeout: 50_000 * slowness, interval: 20 }

/** The parts of a sandbox that can be killed, by a sign in their command lines. */
const signs = {
  'home supervisor': 'epmd -address',
  'node supervisor': 'limit=',
  epmd: 'epmd\0',
  broker: 'beam.smp\0',
} as const
export type Part = 'evi' | keyof typeof signs

export interface SandboxSurroundings {
  /** The directory for temporary files; one of its own when undefined. */
  readonly directory?: string
  readonly environment?: NodeJS.ProcessEnv
}

/** Runs the built `evi sandbox`, its temporary files in a directory of its own; disposing of it ends it. */
export function runSandbox(...argv: string[]) {
  return runSandboxIn({}, ...argv)
}

/** Runs the built `evi sandbox` with other variables, or with another run's directory for temporary files. */
export function runSandboxIn({ directory: given, environment }: SandboxSurroundings, ...argv: string[]) {
  const directory = given ?? mkdtempSync(join(tmpdir(), 'evi-test-'))
  const [file, ...first] = program
  const child = spawn(file, [...first, 'sandbox', ...argv], {
    env: { ...process.env, TMPDIR: directory, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Not "close": a command that outlives evi keeps the pipes open.
  const ended: Promise<number | null> = once(child, 'exit').then(([code]) => code)
  const run = {
    directory,
    stdout: '',
    stderr: '',
    /** The exit code; null when evi itself was killed. */
    ended,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** `kill -9` of one part. */
    killPart: (part: Part) => {
      if (part === 'evi') child.kill('SIGKILL')
      else for (const id of processesOf(directory, signs[part])) process.kill(Number(id), 'SIGKILL')
    },
    prints: (text: string) => vi.waitFor(() => expect(run.stdout).toContain(text), slow),
    says: (text: string) => vi.waitFor(() => expect(run.stderr).toContain(text), slow),
    /** Neither files nor processes are left. */
    leavesNothing: () =>
      vi.waitFor(() => expect([...readdirSync(directory), ...processesOf(directory)]).toEqual([]), slow),
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL')
      await ended
      if (given !== undefined) return
      await run.leavesNothing()
      rmSync(directory, { recursive: true })
    },
  }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    run.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    run.stderr += text
  })
  return run
}

/** The processes with the directory in their environment, which the broker, its helpers and a command inherit. */
function processesOf(directory: string, sign = ''): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter(
    (name) =>
      /^\d+$/.test(name) &&
      readProcess(name, 'environ').includes(directory) &&
      readProcess(name, 'cmdline').includes(sign),
  )
}

function readProcess(id: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'latin1')
  } catch {
    // It has ended, or belongs to another user.
    return ''
  }
}
