import { withDeadline } from '#lib/async/deadline.ts'
import { defaultUser, defaultVhost, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Management } from '#lib/management/management.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { Lookups } from './check-connection.ts'
import type { ManagementFinder } from './management-finder.ts'
import type { CheckStep } from './steps.ts'

/** What to do about a socket whose queue or exchange is missing: the hint with what else has that name, or nearly. */
export type Adviser = (
  socket: Socket,
  connection: Lookups,
  hint: string | undefined,
) => Promise<string | undefined>

/** Sockets of one look that get advice; the time of the management API is for what is to be judged. */
const mostAdvised = 5
const mostVhosts = 3

/**
 * Looks for what was meant by the management API of the broker's cluster; without one there is no advice.
 *
 * @param limit milliseconds that advice is waited for, as the broker's own answer is there already
 */
export function adviserFor(find: ManagementFinder | undefined, limit: number): Adviser {
  let left = mostAdvised
  return async (socket, connection, hint) => {
    if (!find || left === 0) return hint
    left--
    try {
      const advice = await withDeadline(adviceBy(find, socket, connection), limit)
      if (advice !== 'late') return lines(...advice, hint)
      return find.isGuess
        ? hint
        : lines(hint, unseen(`The management API did not answer within ${limit} ms.`))
    } catch (error) {
      // Whatever the API refuses, the socket's own failure is what counts.
      if (!(error instanceof EviError)) throw error
      return find.isGuess ? hint : lines(hint, unseen(error.message))
    }
  }
}

function unseen(why: string): string {
  return `${why} So evi did not look for what else has that name.`
}

function lines(...hints: readonly (string | undefined)[]): string {
  return hints.filter(Boolean).join('\n')
}

async function adviceBy(
  find: ManagementFinder,
  socket: Socket,
  connection: Lookups,
): Promise<readonly string[]> {
  const management = await find(socket, connection)
  return management ? await advise(socket, management) : []
}

async function advise(socket: Socket, management: Management): Promise<readonly string[]> {
  const { exchange, routingKey, vhost } = socket
  const [kind, name] =
    exchange === '' ? (['queues', routingKey] as const) : (['exchanges', exchange] as const)
  const vhosts = await management.vhostsWith(kind, name)
  if (vhosts.length > 0) return vhosts.slice(0, mostVhosts).map((other) => elsewhere(socket, other))
  const { nearest } = await import('#lib/text/nearest.ts')
  const meant = nearest(name, await management.names(kind, vhost))
  return meant === undefined ? [] : [`Did you mean ${JSON.stringify(meant)}?`]
}

function elsewhere(socket: Socket, vhost: string): string {
  const thing = socket.exchange === '' ? 'a queue' : 'an exchange'
  const found = `There is ${thing} of that name in the vhost ${JSON.stringify(vhost)}.`
  // OpenSIPS knows no other vhost.
  if (socket.vhost === defaultVhost)
    return `${found} OpenSIPS publishes to the vhost "/" only: its consumer must use that one.`
  const login = socket.user === defaultUser ? '' : ' --ask-password'
  return `${found} Subscribe there: ${anyEvent} ${shellWord(printSocket({ ...socket, vhost }))}${login}`
}

/** For whatever event it is. */
const anyEvent = 'evi subscribe EVENT'

/** What to do about a step, where it is known for which event. */
export function hintOf({ hint }: CheckStep, event: string | undefined): string | undefined {
  return hint && event ? hint.replaceAll(`${anyEvent} `, `evi subscribe ${shellWord(event)} `) : hint
}
