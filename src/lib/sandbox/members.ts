import { readdirSync, readFileSync } from 'node:fs'

/** The variable by which the processes of a sandbox are known; its value begins with the name of its directory. */
export const memberVariable = 'EVI_SANDBOX_ID'

/** Kills the processes whose variable begins with that value, wherever they went. Only on Linux can they be found. */
export function killMembers(value: string): void {
  for (const id of membersOf(value)) {
    try {
      process.kill(id, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

function membersOf(value: string): number[] {
  if (process.platform !== 'linux') return []
  const variable = `${memberVariable}=${value}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).some((line) => line.startsWith(variable)))
    .map(Number)
}

function environmentOf(id: string): string[] {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0')
  } catch {
    // It has ended, or belongs to another user.
    return []
  }
}
