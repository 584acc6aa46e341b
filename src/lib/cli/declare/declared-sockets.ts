import type { Context } from '#lib/cli/context.ts'
import type { DeclareFlags } from '#lib/cli/flags/declare.ts'
import { givenSockets } from '#lib/cli/flags/shared/socket.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { defaultUser, type Socket, scheme, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import type { Output } from '#lib/terminal/output.ts'
import { askForPassword } from '#lib/terminal/prompts/prompts.ts'

/** Where stored sockets are, and what is doubtful is said. */
interface Place {
  readonly context: Context
  readonly err: Output
}

/**
 * The socket of the argument, or where that is an event, those of its subscribers.
 *
 * @throws EviError `no-subscriber`, `usage`
 */
export async function declaredSockets(
  argument: string,
  flags: DeclareFlags,
  place: Place,
): Promise<readonly Socket[]> {
  const sockets = argument.startsWith(scheme)
    ? await socketGiven(argument, flags, place)
    : await subscribersOf(argument, flags, place)
  if (flags.queue !== undefined && sockets.length > 1)
    throw new EviError('usage', `--queue is for one socket, and ${argument} has ${sockets.length}.`)
  return sockets
}

async function socketGiven(argument: string, flags: DeclareFlags, place: Place): Promise<readonly Socket[]> {
  const given = (await givenSockets({ ...flags, socket: [argument] }, place.err)) ?? []
  const live = (await place.context.subscriptions()).live(new Date())
  return await Promise.all(completeSockets(given, () => live).map((socket) => withPassword(socket, flags)))
}

/** A socket as it is printed has no password, and that of any user but guest is not known. */
async function withPassword(socket: Socket, { json }: DeclareFlags): Promise<Socket> {
  const known = socket.password !== undefined || socket.anonymous || socket.user === defaultUser
  if (known || json || !canAsk()) return socket
  return { ...socket, password: await askForPassword() }
}

async function subscribersOf(name: string, flags: DeclareFlags, place: Place): Promise<readonly Socket[]> {
  const event = checkEventName(name)
  // Refuses a password, as subscribers have theirs in the store.
  await givenSockets(flags, place.err)
  const live = (await place.context.subscriptions()).live(new Date())
  const sockets = live.flatMap((one) => (one.event === event ? [one.socket] : []))
  requireSubscribers(sockets, [event])
  return distinctSockets(sockets, wiringKeyOf)
}
