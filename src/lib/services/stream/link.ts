import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Broker,
  BrokerConnection,
  Message,
  Publisher,
  PublisherRequest,
  Timing,
} from '../../broker/broker.ts'
import { printAddress, type Socket } from '../../domain/socket.ts'
import type { EviError } from '../../errors.ts'
import { pauseAfter, reconnect } from '../reconnect.ts'
import { unlessStopped } from '../unless-stopped.ts'

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
  /** It was lost, or could not be made again; the next try comes after so many milliseconds, or with the next line. */
  lost(reason: EviError, retryInMs: number): void
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
  /** Since when nothing got through, and so many connections were lost meanwhile. */
  #stuck: { readonly since: number; readonly losses: number; readonly reason: EviError } | undefined

  /** @param socket any of those that share the connection */
  constructor(socket: Socket, options: LinkOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** @throws EviError why there is no connection, or no channel */
  async openPublisher<M extends Message>(request: PublisherRequest<M>): Promise<Publisher<M>> {
    this.#connection ??= this.#connect()
    const connection = await this.#connection
    return await connection.openPublisher(request)
  }

  /** A message got through. */
  progressed(): void {
    this.#stuck = undefined
  }

  /** Resolves when the connection, which is on its way out, is gone. */
  async gone(): Promise<void> {
    await (await this.#connection)?.lost
  }

  /** Whether the connection answers at all; one that does not is cut. */
  async answers(): Promise<boolean> {
    const connection = await this.#connection
    try {
      await connection?.findExchange('amq.direct')
      return true
    } catch {
      await this.cut('the broker is silent')
      await connection?.lost
      return false
    }
  }

  /** Cuts the connection, if there is one. */
  async cut(reason: string): Promise<void> {
    const connection = await this.#connection
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
    const { signal, listener } = this.#options
    const patience = await this.#pause()
    const onFailure = (reason: EviError, retryInMs: number) => listener.lost(reason, retryInMs)
    const connection = await reconnect(open, { signal, patience, onFailure })
    listener.back(printAddress(connection.host), performance.now() - lostAt)
    return connection
  }

  /** Lets a broker rest that takes connections and nothing else. @returns the patience left. @throws EviError */
  async #pause(): Promise<number> {
    const { patience, signal } = this.#options
    if (!this.#stuck) return patience
    const { since, losses, reason } = this.#stuck
    const left = patience - (performance.now() - since)
    if (left <= 0) throw reason
    await unlessStopped(signal, sleep(Math.min(pauseAfter(losses), left)))
    return left
  }

  #forget(reason: EviError | undefined): void {
    this.#connection = undefined
    if (!reason) return
    this.#lostAt = performance.now()
    const { since = this.#lostAt, losses = 0 } = this.#stuck ?? {}
    this.#stuck = { since, losses: losses + 1, reason }
    this.#options.listener.lost(reason, pauseAfter(losses + 1))
  }
}
