import { commandAfterDashes } from '#lib/cli/process/command-after-dashes.ts'
import { requireCommand } from '#lib/cli/process/require-command.ts'
import { runBeside } from '#lib/cli/process/run-child.ts'
import { EviError } from '#lib/errors.ts'
import type { StartCommand } from '#lib/services/tail/runs/command-run.ts'

/** What stands before and behind `--` on the command line of `evi tail`. */
export interface TailArguments {
  /** Unchecked. */
  readonly events: readonly string[]
  readonly startCommand: StartCommand | undefined
}

/**
 * Reads what stands on the command line of `evi tail` beside its flags.
 *
 * @param argv the command line as it was typed
 * @param positionals what is no flag of it, COMMAND included
 * @throws EviError `usage` for a COMMAND that is missing, or beside --peek
 */
export function readTailArguments(
  argv: readonly string[],
  positionals: readonly string[],
  { peek }: { readonly peek: boolean },
): TailArguments {
  const command = commandAfterDashes(argv)
  const events = positionals.slice(0, positionals.length - command.length)
  if (command.length === 0) return { events, startCommand: undefined }
  if (peek) throw new EviError('usage', '--peek cannot be used with -- COMMAND.')
  const [file = ''] = command
  requireCommand(file)
  return { events, startCommand: (signal) => runBeside(command, signal) }
}
