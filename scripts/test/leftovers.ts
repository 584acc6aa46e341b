import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** Milliseconds that the supervisors of the tests' brokers have to end them. */
const grace = 15_000

/** A directory for the temporary files of a run, by which its processes are known, too. */
export function makeRunDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'evi-tests-'))
}

/** Waits for the processes that still have the directory in their environment, kills those that stay, removes it. */
export async function removeRun(directory: string): Promise<void> {
  const deadline = performance.now() + grace
  while (membersOf(directory).length > 0 && performance.now() < deadline) await setTimeout(100)
  for (const id of membersOf(directory)) kill(id)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}

/** Only on Linux can they be found. */
function membersOf(directory: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => environmentOf(name).includes(directory))
    .map(Number)
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'latin1')
  } catch {
    // It has ended, or belongs to another user.
    return ''
  }
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
