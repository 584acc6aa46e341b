import { remember } from '#lib/async/remember.ts'
import type { Broker, BrokerConnection, QueueKind, Timing } from '#lib/broker/broker.ts'
import { type Declaration, grantToDeclare, permitDeclaring } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import { SparingConnection } from '#lib/services/connections/sparing-connection.ts'

export interface LoginConnectionOptions {
  readonly broker: Broker
  readonly timing: Timing
  readonly sockets: readonly [Socket, ...Socket[]]
  /** What the sockets need. */
  readonly declarations: readonly Declaration[]
}

/**
 * The connection that the sockets of one login share, opened when it is needed. What several of them need is looked at and
 * declared once. A broker that cannot be reached, or is silent, is asked nothing more: all of them fail for that reason.
 */
export class LoginConnection {
  readonly #options: LoginConnectionOptions
  #opening: Promise<SparingConnection> | undefined
  #pinging: Promise<boolean> | undefined
  /** That the broker is silent. */
  #failure: EviError | undefined
  #interrupted: AbortSignal | undefined
  /** By users, as the same is missing for thousands of sockets. */
  readonly #grants = new Map<string, string>()

  constructor(options: LoginConnectionOptions) {
    this.#options = options
  }

  readonly findExchange = remember((name) => this.#ask((connection) => connection.findExchange(name)))

  readonly findQueue = remember((name) => this.#ask((connection) => connection.findQueue(name)))

  /** Undefined where it cannot be seen. */
  readonly exchangeType = remember(async (exchange) => {
    const { type } = await this.#ask((connection) =>
      connection.describeExchange({ ...this.#options.sockets[0], exchange }),
    )
    return type
  })

  async queueKind(socket: Socket): Promise<QueueKind> {
    return await this.#ask((connection) => connection.queueKind(socket))
  }

  /** @throws EviError `interrupted` where the signal was aborted before it was sent, and what the broker refuses */
  async declare(declaration: Declaration, interrupted?: AbortSignal): Promise<void> {
    this.#interrupted = interrupted
    await this.#declare(JSON.stringify(declaration))
  }

  readonly #declare = remember(async (text) => {
    const declaration: Declaration = JSON.parse(text)
    this.#refuseInterrupted(declaration)
    await this.#ask(async (connection) => {
      // It may have been opened since, or be the second attempt.
      this.#refuseInterrupted(declaration)
      await connection.declare(declaration, this.#options.sockets[0])
    })
  })

  #refuseInterrupted(declaration: Declaration): void {
    if (!this.#interrupted?.aborted) return
    const thing =
      declaration.kind === 'binding'
        ? `binding of the queue "${declaration.queue}"`
        : `${declaration.kind} "${declaration.name}"`
    throw new EviError('interrupted', `Interrupted: the ${thing} was not declared.`, { hint: runAgain })
  }

  /** The error with the command that grants the user what all sockets of the login need. */
  async granting(error: EviError, user: string): Promise<EviError> {
    const { host } = (await this.#open()).current
    const { sockets, declarations } = this.#options
    const hint = this.#grants.get(user) ?? grantToDeclare({ user, host, sockets, declarations })
    this.#grants.set(user, hint)
    return new EviError('refused', error.message, { hint, cause: error })
  }

  /** Leaves the user's channels to others. @param isOpen whether the connection stays for what is asked next */
  async rest({ isOpen }: { readonly isOpen: boolean }): Promise<void> {
    const sparing = await this.#opening?.catch(() => undefined)
    if (isOpen) return await sparing?.current.endLookups()
    if (!sparing) return
    this.#opening = undefined
    await sparing.close()
  }

  async #ask<T>(question: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure
    const sparing = await this.#open()
    try {
      return await sparing.ask(question)
    } catch (error) {
      const isTimeout = error instanceof EviError && error.code === 'timeout'
      if (isTimeout && !(await this.#answers(sparing.current))) this.#failure ??= error
      throw this.#failure ?? error
    }
  }

  /** Whether the broker answers anything, as a queue that is down is silent alone. A connection on which it does not is destroyed. */
  async #answers(connection: BrokerConnection): Promise<boolean> {
    this.#pinging ??= connection.ping().finally(() => {
      this.#pinging = undefined
    })
    return await this.#pinging
  }

  async #open(): Promise<SparingConnection> {
    const { broker, timing, sockets, declarations } = this.#options
    const connect = () => broker.connect(sockets[0], timing)
    this.#opening ??= SparingConnection.open(connect, timing).catch((error) => {
      if (!(error instanceof PermissionMissing)) throw error
      throw error.grantedBy(permitDeclaring({ user: error.permission.user, sockets, declarations }))
    })
    return await this.#opening
  }
}

/** What to do where some of it is declared. */
export const runAgain = 'Run it again to declare the rest; what exists stays as it is.'
