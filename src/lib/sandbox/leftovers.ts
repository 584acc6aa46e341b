import { readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { directoryPrefix } from './directory.ts'
import { killMembers } from './members.ts'

const ownerFile = 'owner'

/** Writes down which process a sandbox belongs to, where the system can prove it later: on Linux. */
export function markOwner(directory: string): void {
  const owner = identify(process.pid)
  if (owner !== undefined) writeFileSync(join(directory, ownerFile), owner)
}

/**
 * Removes the sandboxes of this user that lost evi and all supervisors to `kill -9`: their processes, then their
 * directories. Only what provably belongs to no living process is touched: its owner was of the same boot and the same
 * PID namespace, and has ended.
 */
export function sweepLeftovers(): void {
  const parent = resolve(tmpdir())
  for (const name of listNames(parent)) {
    const directory = join(parent, name)
    if (!isLeftover(directory)) continue
    killMembers(name)
    try {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    } catch {
      // A supervisor is removing it right now, or the next start tries again.
    }
  }
}

function listNames(parent: string): string[] {
  try {
    return readdirSync(parent).filter((name) => name.startsWith(directoryPrefix))
  } catch {
    // The sandbox's own directory is refused with the reason.
    return []
  }
}

function isLeftover(directory: string): boolean {
  try {
    if (statSync(directory).uid !== process.getuid?.()) return false
    const owner = readFileSync(join(directory, ownerFile), 'utf8')
    const [boot, namespace, id] = owner.split(' ')
    const here = identify(process.pid)?.split(' ')
    return here?.[0] === boot && here?.[1] === namespace && identify(Number(id)) !== owner
  } catch {
    return false
  }
}

/** Boot, PID namespace, PID and start time of a process, which together never come twice; undefined when it is gone. */
function identify(id: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The command's name, in parentheses, may have blanks.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : [boot, readlinkSync('/proc/self/ns/pid'), id, fields[18]].join(' ')
  } catch {
    return undefined
  }
}
