import type { DeclareFlags } from '#lib/cli/flags/declare.ts'
import { EviError } from '#lib/errors.ts'
import type { LookReport } from '#lib/services/declare/declare-report.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import type { Output } from '#lib/terminal/output.ts'
import { confirm } from '#lib/terminal/prompts/prompts.ts'
import { renderLook } from '#lib/views/declare/render-look.ts'
import { withoutAsking } from './without-asking.ts'

interface Asked {
  /** The socket or event of the command line. */
  readonly argument: string
  readonly flags: DeclareFlags
  readonly err: Output
}

/**
 * Shows what is missing and asks whether to declare it, unless --yes is given.
 *
 * @throws EviError `usage` where it is not asked, `interrupted` where the answer is no
 */
export async function confirmPlans(look: LookReport, { argument, flags, err }: Asked): Promise<void> {
  const { yes, json } = flags
  if (yes) return
  const isAsked = !json && canAsk()
  if (!json) err.write(renderLook(look, { isAsked, style: err.style() }))
  if (!isAsked) {
    const why = json ? 'with --json evi does not ask' : 'there is no terminal to ask'
    throw new EviError('usage', `Something is missing, and ${why} whether to declare it.`, {
      hint: `Declare it without being asked: ${withoutAsking(argument, look.plans[0]?.socket, flags)}`,
    })
  }
  if (!(await confirm('Declare this?'))) throw new EviError('interrupted', 'Nothing was declared.')
}
