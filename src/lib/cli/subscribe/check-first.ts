import { checkSockets } from '#lib/cli/check/check-sockets.ts'
import type { Context } from '#lib/cli/context.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { StoredPasswords } from '#lib/domain/subscription/subscription.ts'
import { type CheckReport, silentListener, type Wiring } from '#lib/services/check/check.ts'
import { type Output, outliveReaders } from '#lib/terminal/output.ts'
import { statusLine } from '#lib/terminal/status-line.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'

interface FirstLook {
  readonly event: string
  readonly socket: Socket
  readonly json: boolean
  readonly context: Context
  readonly err: Output
}

/** Checks the wiring of a socket that is to be stored, with the password that it would have, and shows the steps on stderr. */
export async function checkFirst({ event, socket, json, context, err }: FirstLook): Promise<CheckReport> {
  // It is stored also when the reader of the check is gone.
  outliveReaders(() => {})
  const eventsOf = () => [event]
  const shown = { eventsOf, detail: 'folded', style: err.style(), print: err.write } as const
  const listener = (plan: readonly Wiring[]) =>
    json ? silentListener : new CheckDisplay({ ...shown, plan, status: statusLine(process.stderr) })
  const settings = await context.settings({})
  const live = (await context.subscriptions()).live(new Date())
  const complete = new StoredPasswords(live).complete(socket, event)
  return await checkSockets([complete], { context, settings, findManagement: undefined, listener })
}
