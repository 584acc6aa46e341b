import { once } from 'node:events'
import { commandAfterDashes } from '#lib/cli/process/command-after-dashes.ts'
import { requireCommand } from '#lib/cli/process/require-command.ts'
import { runCommand } from '#lib/cli/process/run-child.ts'
import { EviError } from '#lib/errors.ts'
import { sandboxTools } from '#lib/sandbox/command-environment.ts'
import type { Sandbox } from '#lib/sandbox/sandbox.ts'
import type { Output } from '#lib/terminal/output.ts'

/**
 * The command to run in the sandbox; empty where there is none.
 *
 * @throws EviError `usage` for what stands before `--`, and where there is no such command
 */
export function sandboxCommand(argv: readonly string[], positionals: readonly string[]): readonly string[] {
  const command = commandAfterDashes(argv)
  if (command.length < positionals.length)
    throw new EviError('usage', `${JSON.stringify(positionals[0])} is not expected here.`, {
      hint: 'A command to run stands behind --: evi sandbox -- COMMAND',
    })
  const [file] = command
  // The sandbox brings its own tools.
  if (file !== undefined && !sandboxTools.includes(file)) requireCommand(file)
  return command
}

/** Resolves when the sandbox is to end. @throws EviError when its broker ended by itself */
export async function untilInterrupted(sandbox: Sandbox, interrupted: AbortSignal): Promise<void> {
  await Promise.race([sandbox.ended, interrupted.aborted || once(interrupted, 'abort')])
  if (!interrupted.aborted) throw sandbox.failure()
}

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
