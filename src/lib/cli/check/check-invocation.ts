import type { Context } from '#lib/cli/context.ts'
import type { CheckFlags } from '#lib/cli/flags/check.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** What the command line of `evi check` asks for. */
export interface CheckInvocation {
  readonly event: string | undefined
  /** The sockets to check, where the command line names them; else the subscribers' are checked. */
  readonly given: readonly Socket[] | undefined
  readonly flags: CheckFlags
  readonly settings: Settings
  readonly context: Context
}
