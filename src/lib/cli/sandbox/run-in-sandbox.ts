import { runCommand } from '#lib/cli/process/run-child.ts'
import type { Sandbox } from '#lib/sandbox/sandbox.ts'
import type { Output } from '#lib/terminal/output.ts'

/**
 * Runs a command that finds the sandbox's socket in its environment.
 *
 * @returns its exit code
 * @throws EviError `usage` where it cannot be run
 */
export async function runInSandbox(
  command: readonly string[],
  { sandbox, err }: { readonly sandbox: Sandbox; readonly err: Output },
): Promise<number> {
  let running = true
  // The command may have ended it on purpose, and its own exit code says how that went.
  sandbox.ended.then(() => running && err.write(`${sandbox.failure().message}\n`))
  try {
    return await runCommand(command, {
      environment: environmentOf(sandbox),
      onKill: (sentence) => err.write(`${sentence}\n`),
      killRest: sandbox.killCommand,
    })
  } finally {
    running = false
  }
}

function environmentOf({ socket, managementUrl, commandEnvironment }: Sandbox): NodeJS.ProcessEnv {
  const environment = { ...commandEnvironment, EVI_SANDBOX_SOCKET: socket }
  return managementUrl === null ? environment : { ...environment, EVI_SANDBOX_MANAGEMENT_URL: managementUrl }
}
