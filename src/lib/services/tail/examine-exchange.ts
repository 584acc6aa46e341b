import type { BrokerConnection } from '#lib/broker/broker.ts'
import { useFirehose } from '#lib/domain/failure/remedies.ts'
import { type BindingArguments, copyingBinding, delayedType } from '#lib/domain/routing/copying.ts'
import type { Exchange } from '#lib/domain/routing/route.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * What a queue of evi's own might do to an exchange, as far as it is not known.
 *
 * `exchange`: neither type nor alternate exchange can be seen. `policy`: AMQP does not show policies, nor does the
 * management API to each user (`isListed`: it was asked), and one may name an alternate exchange. `delayed`: it delays messages, and AMQP does not show by which type it routes them.
 * `auto-delete`: the exchange goes with its last binding. `management`: why the API was
 * not asked.
 */
export type Caution =
  | { readonly kind: 'exchange' | 'delayed' | 'auto-delete'; readonly exchange: string }
  | { readonly kind: 'policy'; readonly isListed: boolean }
  | { readonly kind: 'management'; readonly reason: string }

export interface ExaminedExchange {
  /** Undefined where it cannot be seen. */
  readonly type: string | undefined
  readonly bindingArguments: BindingArguments | undefined
  readonly cautions: readonly Caution[]
}

/**
 * Makes sure, before a queue of evi's own is bound to the socket's exchange, that this takes nothing from a consumer:
 * the exchange gives copies, and no alternate exchange gets what it has no other binding for.
 *
 * @throws EviError `no-copy` where it does take something; `no-exchange`, `unreachable`, `timeout`
 */
export async function examineExchange(
  socket: Socket,
  connection: BrokerConnection,
  findManagement: ManagementFinder,
): Promise<ExaminedExchange> {
  const { exchange } = socket
  const facts = await connection.describeExchange(socket)
  const { listed, cautions } = await listedExchange(socket, connection, findManagement)
  const type = listed?.type ?? facts.type
  const alternate = listed?.alternate === undefined ? facts.alternate : listed.alternate
  const bindingArguments = type === undefined ? undefined : copyingBinding(type)
  if (type !== undefined && !bindingArguments) throw givesNoCopies(socket, type)
  if (typeof alternate === 'string') throw hasAlternate(socket, alternate)
  if (alternate === undefined) cautions.push({ kind: 'exchange', exchange })
  else if (listed?.alternate === undefined) cautions.push({ kind: 'policy', isListed: listed !== undefined })
  // The management API names the type behind it.
  if (type === delayedType) cautions.push({ kind: 'delayed', exchange })
  if (facts.autoDelete) cautions.push({ kind: 'auto-delete', exchange })
  return { type, bindingArguments, cautions }
}

/** The exchange as the management API shows it, where it can be asked. */
async function listedExchange(
  socket: Socket,
  connection: BrokerConnection,
  findManagement: ManagementFinder,
): Promise<{ readonly listed: Exchange | undefined; readonly cautions: Caution[] }> {
  try {
    const management = await findManagement(socket, connection)
    return { listed: await management?.exchange(socket.vhost, socket.exchange), cautions: [] }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return { listed: undefined, cautions: [{ kind: 'management', reason: error.message }] }
  }
}

function givesNoCopies(socket: Socket, type: string): EviError {
  return new EviError(
    'no-copy',
    `The exchange "${socket.exchange}" is of the type ${type}: a queue of evi's own might take messages from its consumers.`,
    { hint: useFirehose(socket) },
  )
}

function hasAlternate(socket: Socket, alternate: string): EviError {
  const { exchange } = socket
  const there = shellWord(printSocket({ ...socket, exchange: alternate }))
  return new EviError(
    'no-copy',
    `The exchange "${exchange}" has the alternate exchange "${alternate}", which would miss what only a queue of evi's own is bound for.`,
    {
      hint: `To see what reaches the alternate exchange: evi tail --socket ${there}\n${useFirehose(socket)}`,
    },
  )
}
