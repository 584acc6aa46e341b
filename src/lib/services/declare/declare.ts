import type { Broker, Timing } from '#lib/broker/broker.ts'
import {
  type Declaration,
  type DeclareOptions,
  declarationsFor,
  permitDeclaring,
} from '#lib/domain/routing/declaration.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import { exitCodeOfAll } from '#lib/exit-codes.ts'
import { SparingConnection } from '#lib/services/connections/sparing-connection.ts'
import { findPart, type Part, withRemedy } from './find-part.ts'

export interface DeclareRequest {
  readonly sockets: readonly Socket[]
  readonly options: DeclareOptions
  readonly timing: Timing
  /** Asked once all was looked at, if there is anything to declare; nothing is declared where it throws. */
  readonly confirm: (plans: readonly Plan[]) => Promise<void>
}

export interface Plan {
  readonly socket: Socket
  /** The host that answered. */
  readonly host: Host
  readonly parts: readonly Part[]
}

/** `bound`: made, or there before; declaring a binding once more changes nothing. */
export interface DeclaredPart {
  readonly declaration: Declaration
  readonly outcome: 'made' | 'exists' | 'bound'
}

/** What became of a socket's parts, up to the failure if there was one. */
export interface Declared {
  readonly socket: Socket
  readonly parts: readonly DeclaredPart[]
  readonly failure: EviError | undefined
}

export interface DeclareReport {
  readonly results: readonly Declared[]
  readonly exit: number
}

/** A socket whose broker was looked at, or why it could not be. */
interface Looked {
  readonly socket: Socket
  readonly connection?: SparingConnection
  readonly plan?: Plan
  readonly failure?: EviError
}

/**
 * Looks what the sockets lack on their brokers, and declares that, once it is confirmed. What exists is left as it is.
 * A socket that fails never stops another.
 *
 * @throws EviError what `confirm` throws
 */
export async function declare(request: DeclareRequest, broker: Broker): Promise<DeclareReport> {
  const looked = await Promise.all(request.sockets.map((socket) => look(socket, request, broker)))
  try {
    const plans = looked.flatMap(({ plan }) => plan ?? [])
    if (plans.some(hasWork)) await request.confirm(plans)
    const results: Declared[] = []
    // In turn, as two sockets may need the same queue.
    for (const one of looked) results.push(await carryOut(one))
    const failures = results.flatMap(({ failure }) => failure?.code ?? [])
    return { results, exit: exitCodeOfAll(results.length - failures.length, failures) }
  } finally {
    await Promise.all(looked.map(({ connection }) => connection?.close()))
  }
}

function hasWork({ parts }: Plan): boolean {
  return parts.some(({ state }) => state !== 'exists')
}

async function look(socket: Socket, { options, timing }: DeclareRequest, broker: Broker): Promise<Looked> {
  const declarations = declarationsFor(socket, options)
  let connection: SparingConnection | undefined
  try {
    connection = await SparingConnection.open(() => broker.connect(socket, timing), timing)
    const parts: Part[] = []
    for (const declaration of declarations)
      parts.push(
        await connection.ask((current) =>
          findPart({ connection: current, socket, declaration, declarations }),
        ),
      )
    return { socket, connection, plan: { socket, host: connection.current.host, parts } }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    const failure =
      error instanceof PermissionMissing && !connection
        ? error.grantedBy(permitDeclaring(socket, { user: error.permission.user, declarations }))
        : error
    return { socket, ...(connection && { connection }), failure }
  }
}

async function carryOut({ socket, connection, plan, failure }: Looked): Promise<Declared> {
  const done: DeclaredPart[] = []
  if (!connection || !plan) return { socket, parts: done, failure }
  const declarations = plan.parts.map(({ declaration }) => declaration)
  for (const { declaration, state } of plan.parts) {
    try {
      if (state !== 'exists') await connection.ask((current) => current.declare(declaration, socket))
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      const place = { connection: connection.current, socket, declarations }
      return { socket, parts: done, failure: withRemedy(error, place) }
    }
    done.push({ declaration, outcome: outcomes[state] })
  }
  return { socket, parts: done, failure: undefined }
}

const outcomes = { exists: 'exists', missing: 'made', unseen: 'bound' } as const
