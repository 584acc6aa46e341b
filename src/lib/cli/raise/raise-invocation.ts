import type { Context } from '#lib/cli/context.ts'
import type { RaiseFlags } from '#lib/cli/flags/raise.ts'
import { givenSockets } from '#lib/cli/flags/shared/socket.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { completeSockets } from '#lib/services/subscriptions/select-sockets.ts'
import type { Output } from '#lib/terminal/output.ts'

/** What `evi raise` was called with. */
export interface RaiseInvocation {
  /** The event's name, or `standardInput`. */
  readonly event: string
  readonly flags: RaiseFlags
  readonly settings: Settings
  readonly context: Context
  readonly err: Output
}

/** The sockets on the command line, with the passwords that are stored; undefined without any. @throws EviError `usage` */
export async function socketsGiven({
  flags,
  context,
  err,
}: RaiseInvocation): Promise<readonly Socket[] | undefined> {
  const given = await givenSockets(flags, err)
  const store = await context.subscriptions()
  return given && completeSockets(given, () => store.live(new Date()))
}
