import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { program } from './program.ts'

const patient = { timeout: 50_000, interval: 20 }

/** Runs the built `evi sandbox`, its temporary files in a directory of its own; disposing of it ends it. */
export function runSandbox(...words: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
  const [file, ...given] = program
  const child = spawn(file, [...given, 'sandbox', ...words], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended: Promise<number | null> = once(child, 'close').then(([code]) => code)
  const run = {
    stdout: '',
    stderr: '',
    /** The exit code; null when evi itself was killed. */
    ended,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    killBroker: () => {
      for (const id of processesOf(directory).filter(isErlang)) process.kill(Number(id), 'SIGKILL')
    },
    prints: (text: string) => vi.waitFor(() => expect(run.stdout).toContain(text), patient),
    says: (text: string) => vi.waitFor(() => expect(run.stderr).toContain(text), patient),
    /** Neither files nor processes are left. */
    leavesNothing: () =>
      vi.waitFor(() => expect([...readdirSync(directory), ...processesOf(directory)]).toEqual([]), patient),
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL')
      await ended
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

/** The processes with the directory in their environment, which the broker and all its helpers inherit. */
function processesOf(directory: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && readProcess(name, 'environ').includes(directory),
  )
}

function isErlang(id: string): boolean {
  return readProcess(id, 'comm') === 'beam.smp\n'
}

function readProcess(id: string, file: 'comm' | 'environ'): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'latin1')
  } catch {
    // Gone meanwhile, or another user's.
    return ''
  }
}
