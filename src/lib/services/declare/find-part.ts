import { isReserved, noExchange } from '#lib/domain/failure/remedies.ts'
import {
  type BindingDeclaration,
  bindingFor,
  type Declaration,
  type ExchangeDeclaration,
  type QueueDeclaration,
} from '#lib/domain/routing/declaration.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { LoginConnection } from './login-connection.ts'

/** What a socket needs on its broker; a binding is `unseen`, as AMQP does not show it. */
export interface Part {
  readonly declaration: Declaration
  readonly state: 'exists' | 'missing' | 'unseen'
}

interface Place {
  readonly connection: LoginConnection
  readonly socket: Socket
  /** All that the socket needs. */
  readonly declarations: readonly Declaration[]
}

/**
 * Looks whether the broker has it.
 *
 * @throws EviError `no-exchange`, `queue-locked`, `precondition` where it is of another type, `refused`, `unreachable`, `timeout`
 */
export async function findPart({
  declaration,
  ...place
}: Place & { readonly declaration: Declaration }): Promise<Part> {
  if (declaration.kind === 'binding')
    return { declaration: await findBinding(declaration, place), state: 'unseen' }
  if (declaration.kind === 'queue') return { declaration, state: await findQueue(declaration, place) }
  return { declaration, state: await findExchange(declaration, place) }
}

/** The binding for the type of the exchange, which is there or to be made. */
async function findBinding(binding: BindingDeclaration, place: Place): Promise<BindingDeclaration> {
  const { connection, socket, declarations } = place
  const asked = declarations.find(({ kind }) => kind === 'exchange') as ExchangeDeclaration
  return bindingFor(binding, asked.type ?? (await connection.exchangeType(socket.exchange)))
}

async function findQueue(declaration: QueueDeclaration, place: Place): Promise<Part['state']> {
  const { connection, socket } = place
  const { name, type } = declaration
  const queue = await connection.findQueue(name)
  if (queue.found === false) return 'missing'
  if (queue.found === 'forbidden') throw await forbidden(queue.reason, place)
  if (queue.found === 'exclusive')
    throw new EviError('queue-locked', `The queue "${name}" exists and is exclusive to another connection.`)
  const kind = type === undefined ? undefined : await connection.queueKind({ ...socket, routingKey: name })
  if (kind === undefined || kind === type || kind === 'unknown') return 'exists'
  throw new EviError('precondition', `The queue "${name}" exists and is of the type ${kind}, not ${type}.`, {
    hint: 'evi changes nothing that exists. Leave out --type, or name another queue.',
  })
}

async function findExchange(declaration: ExchangeDeclaration, place: Place): Promise<Part['state']> {
  const { connection, socket } = place
  const exchange = await connection.findExchange(declaration.name)
  if (exchange.found === 'forbidden') throw await forbidden(exchange.reason, place)
  if (exchange.found === false) {
    if (declaration.type !== undefined) return 'missing'
    const { reason, hint } = noExchange(socket, exchange.quote)
    const makeToo =
      `If its name is misspelt, correct the socket. To make the exchange, too, name its type: ` +
      `evi declare ${shellWord(printSocket(socket))} --exchange-type topic`
    throw new EviError('no-exchange', reason, { hint: isReserved(socket.exchange) ? hint : makeToo })
  }
  if (declaration.type !== undefined) await refuseOtherType(declaration, place)
  return 'exists'
}

/** Declaring an exchange once more changes nothing; RabbitMQ compares its type before all else. */
async function refuseOtherType(declaration: ExchangeDeclaration, { connection }: Place): Promise<void> {
  try {
    await connection.declare(declaration)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    if (error.code === 'precondition' && !/inequivalent arg 'type'/.test(error.message)) return
    if (error.code !== 'precondition') throw await withRemedy(error, connection)
    throw new EviError('precondition', error.message, {
      hint: 'evi changes nothing that exists. Leave out --exchange-type, or name another exchange in the socket.',
      cause: error,
    })
  }
}

async function forbidden(reason: string, { connection }: Place): Promise<EviError> {
  return await withRemedy(new EviError('refused', `RabbitMQ refused: ${reason}.`), connection)
}

/** RabbitMQ's sentence about a permission on an exchange or a queue; one on a topic is another permission. */
const refusedThing = /^RabbitMQ refused: (?:\w+ )?access to (?:exchange|queue) '.*' refused for user '(.*)'/s

/** The error with the command that grants the least permission needed, where the broker's sentence names the user that lacks it. */
export async function withRemedy(error: EviError, connection: LoginConnection): Promise<EviError> {
  const [, user] = refusedThing.exec(error.message) ?? []
  return error.code === 'refused' && user !== undefined ? await connection.granting(error, user) : error
}
