import { reconnect } from '#lib/async/retry.ts'
import type { Broker, BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'

export interface LinkOptions {
  readonly broker: Broker
  readonly timing: Timing
  /** Milliseconds to go on trying when a connection that was open is lost. */
  readonly patience: number
  /** Ends the trying. */
  readonly signal: AbortSignal
  readonly listener: LinkListener
}

/** What is told of a connection. */
export interface LinkListener {
  /**
   * It was lost, could not be made again, or is of no use; the next try comes after so many milliseconds, or with the next
   * line.
   *
   * @param reason a sentence
   */
  lost(reason: string, retryInMs: number): void
  /** It is back after so many milliseconds. */
  back(address: string, gapMs: number): void
  /** The broker blocks publishers, with its reason; undefined when it stops. */
  blocked(address: string, reason: string | undefined): void
}

/** The connection that the sockets of one login share; opened when it is needed, and again when it was lost. */
export class Link {
  readonly #socket: Socket
  readonly #options: LinkOptions
  #connection: Promise<BrokerConnection> | undefined
  #lostAt: number | undefined

  /** @param socket any of those that share the connection */
  constructor(socket: Socket, options: LinkOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** The connection, open. @throws EviError why there is none, for good or until somebody asks again */
  async opened(): Promise<BrokerConnection> {
    this.#connection ??= this.#connect()
    return await this.#connection
  }

  /** Cuts the connection, if there is one. */
  async cut(reason: string): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.abandon(reason)
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.close()
  }

  async #connect(): Promise<BrokerConnection> {
    const { broker, timing, listener } = this.#options
    const open = () => broker.connect(this.#socket, timing)
    try {
      const connection = await (this.#lostAt === undefined ? open() : this.#again(open, this.#lostAt))
      const address = printAddress(connection.host)
      connection.onBlocked((reason) => listener.blocked(address, reason))
      void connection.lost.then((reason) => this.#forget(reason))
      this.#lostAt = undefined
      return connection
    } catch (error) {
      this.#connection = undefined
      this.#lostAt = undefined
      throw error
    }
  }

  async #again(open: () => Promise<BrokerConnection>, lostAt: number): Promise<BrokerConnection> {
    const { patience, signal, listener } = this.#options
    const onFailure = (reason: EviError, retryInMs: number) => listener.lost(reason.message, retryInMs)
    const connection = await reconnect(open, { signal, patience, onFailure })
    listener.back(printAddress(connection.host), performance.now() - lostAt)
    return connection
  }

  #forget(reason: EviError | undefined): void {
    this.#connection = undefined
    if (!reason) return
    this.#lostAt = performance.now()
    this.#options.listener.lost(reason.message, 0)
  }
}
