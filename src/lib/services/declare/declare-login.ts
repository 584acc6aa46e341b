import { sideBySide } from '#lib/async/side-by-side.ts'
import type { Broker, Timing } from '#lib/broker/broker.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Declared, DeclaredPart, Plan } from './declare-report.ts'
import { findPart, type Part, withRemedy } from './find-part.ts'
import { LoginConnection, runAgain } from './login-connection.ts'

/** A socket, and what it needs on its broker. */
export interface SocketNeeds {
  readonly socket: Socket
  readonly declarations: readonly Declaration[]
}

/** A socket whose broker was looked at, or why it could not be. */
export type Looked = { readonly socket: Socket } & ({ readonly plan: Plan } | { readonly failure: EviError })

/** More than are asked for at once, so that each answer is followed by the next question. */
const atOnce = 16

/** Looks what the sockets of one login lack, and declares it, over one connection. */
export class LoginDeclarer {
  readonly #needs: readonly [SocketNeeds, ...SocketNeeds[]]
  readonly #connection: LoginConnection
  #looked: readonly Looked[] = []

  constructor(
    needs: readonly [SocketNeeds, ...SocketNeeds[]],
    { broker, timing }: { readonly broker: Broker; readonly timing: Timing },
  ) {
    const [{ socket }, ...others] = needs
    this.#needs = needs
    this.#connection = new LoginConnection({
      broker,
      timing,
      sockets: [socket, ...others.map((one) => one.socket)],
      declarations: needs.flatMap(({ declarations }) => declarations),
    })
  }

  /** @param isKept whether the connection stays open until all is declared */
  async look({ isKept }: { readonly isKept: boolean }): Promise<readonly Looked[]> {
    this.#looked = await sideBySide(this.#needs, atOnce, (needs) => this.#lookAt(needs))
    await this.#connection.rest({ isOpen: isKept })
    return this.#looked
  }

  /** Leaves the user's channels to its other logins, as on other vhosts, as soon as all is declared. @param interrupted ends it after what is in flight */
  async declare(interrupted?: AbortSignal): Promise<readonly Declared[]> {
    const declared = await sideBySide(this.#looked, atOnce, (one) => this.#carryOut(one, interrupted))
    await this.close()
    return declared
  }

  async close(): Promise<void> {
    await this.#connection.rest({ isOpen: false })
  }

  async #lookAt({ socket, declarations }: SocketNeeds): Promise<Looked> {
    const parts: Part[] = []
    try {
      for (const declaration of declarations)
        parts.push(await findPart({ connection: this.#connection, socket, declaration, declarations }))
      return { socket, plan: { socket, parts } }
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      return { socket, failure: error }
    }
  }

  async #carryOut(looked: Looked, interrupted?: AbortSignal): Promise<Declared> {
    const { socket } = looked
    const done: DeclaredPart[] = []
    if ('failure' in looked) return { socket, parts: done, failure: looked.failure }
    for (const { declaration, state } of looked.plan.parts) {
      try {
        if (state !== 'exists') await this.#connection.declare(declaration, interrupted)
      } catch (error) {
        if (!(error instanceof EviError)) throw error
        return { socket, parts: done, failure: withRunAgain(await withRemedy(error, this.#connection)) }
      }
      done.push({ declaration, outcome: outcomes[state] })
    }
    return { socket, parts: done, failure: undefined }
  }
}

/** The error of a connection that ended in the middle, with what to do besides. */
function withRunAgain(error: EviError): EviError {
  const { code, message, hint, transient } = error
  if (code !== 'unreachable' && code !== 'timeout') return error
  const both = hint === undefined ? runAgain : `${hint}\n${runAgain}`
  return new EviError(code, message, { hint: both, transient, cause: error })
}

const outcomes = { exists: 'exists', missing: 'made', unseen: 'bound' } as const
