import type { DeclareFlags } from '#lib/cli/flags/declare.ts'
import { printSocket, scheme } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Plan } from '#lib/services/declare/declare-report.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import type { Output } from '#lib/terminal/output.ts'
import { confirm } from '#lib/terminal/prompts/prompts.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { renderPlans } from '#lib/views/declare/render-declare.ts'

interface Asked {
  /** The socket or event of the command line. */
  readonly argument: string
  /** All that were looked at, also those that failed. */
  readonly sockets: number
  readonly flags: DeclareFlags
  readonly err: Output
}

/**
 * Shows what is missing and asks whether to declare it, unless --yes is given.
 *
 * @throws EviError `usage` where there is no terminal to ask on, `interrupted` where the answer is no
 */
export async function confirmPlans(
  plans: readonly Plan[],
  { argument, sockets, flags: { yes, json }, err }: Asked,
): Promise<void> {
  if (yes) return
  if (!json) err.write(renderPlans(plans, sockets - plans.length, err.style()))
  if (json || !canAsk()) {
    const message = 'Something is missing, and there is no terminal to ask whether to declare it.'
    throw new EviError('usage', message, {
      hint: `Declare it without being asked: evi declare ${withoutPassword(argument, plans)} --yes`,
    })
  }
  if (!(await confirm('Declare this?'))) throw new EviError('interrupted', 'Nothing was declared.')
}

/** The argument as it can be pasted. */
function withoutPassword(argument: string, [plan]: readonly Plan[]): string {
  return shellWord(plan && argument.startsWith(scheme) ? printSocket(plan.socket) : argument)
}
