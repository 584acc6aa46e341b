import { timingOf } from '#lib/cli/context.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { type MessageProperties, readMessageProperties } from '#lib/domain/event/message-properties.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import { raiseEvent } from '#lib/services/raise/raise.ts'
import type { Raised } from '#lib/services/raise/raise-report.ts'
import { distinctSockets } from '#lib/services/subscriptions/select-sockets.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { brokersWaitedFor } from '#lib/views/waited-for.ts'
import { type RaiseInvocation, socketsGiven } from './raise-invocation.ts'

/** Where one event goes, and with which properties. */
interface RaiseTarget {
  readonly sockets: readonly Socket[]
  readonly properties: MessageProperties
}

/** By default to the subscribers of the event. @throws EviError `usage`, `data`, `no-input`, `damaged` */
export async function targetOf(invocation: RaiseInvocation): Promise<RaiseTarget> {
  const properties = readMessageProperties(invocation.flags)
  const given = await socketsGiven(invocation)
  if (given) return { properties, sockets: given }
  const subscribers = (await invocation.context.subscriptions()).liveOf(invocation.event, new Date())
  return { properties, sockets: distinctSockets(subscribers.map(({ socket }) => socket)) }
}

/**
 * Publishes one event to each socket, as the flags and settings say.
 *
 * @param publication.payload the notification, byte for byte
 */
export async function raiseOnce(
  publication: RaiseTarget & { readonly payload: string },
  invocation: RaiseInvocation,
): Promise<Raised> {
  const { event, settings, flags, context } = invocation
  const confirm = settings.sync_mode === 1
  const verify = flags.verify ? await routeJudgeOf(invocation) : undefined
  const timing = timingOf(settings)
  const open = new Set(publication.sockets)
  const onSettled = (socket: Socket) => open.delete(socket)
  using waiting = new WaitingLine(flags)
  waiting.start(() => brokersWaitedFor([...open], timing.replyTimeout))
  const broker = await context.broker()
  // Until the end, as an error behind the report would be a second document.
  const interrupted = takeInterrupts()
  const request = { event, ...publication, confirm, timing, verify, onSettled, interrupted }
  return await raiseEvent(request, broker)
}

/** Loaded for --verify alone. */
async function routeJudgeOf({ flags, context, settings }: RaiseInvocation): Promise<RouteJudge> {
  const { routeJudge } = await import('#lib/services/check/route-check.ts')
  const { finderIn } = await import('#lib/cli/find-management.ts')
  return routeJudge(await finderIn(context, { settings, management: flags.management }))
}
