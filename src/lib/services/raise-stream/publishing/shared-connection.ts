import { setTimeout as sleep } from 'node:timers/promises'
import { RetryBudget, reopen } from '#lib/async/retry-budget.ts'
import type { Broker, BrokerConnection, ChannelUse, Timing } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'
import type { ChannelTurns } from './channel-turns.ts'
import { channelsFor } from './channel-use.ts'

export interface SharedConnectionOptions {
  readonly broker: Broker
  readonly timing: Timing
  /** Milliseconds to retry after a connection is lost, or while the broker refuses one for now. */
  readonly retryFor: number
  /** Ends the retries. */
  readonly signal: AbortSignal
  readonly listener: ConnectionListener
  /** Those of its user. */
  readonly turns: ChannelTurns
}

/** Receives what happens to a connection. */
export interface ConnectionListener {
  /**
   * It was lost, could not be opened again, or opens no channel.
   *
   * @param reason a sentence
   * @param retryInMs milliseconds until the next attempt; 0 for at once, or with the next line
   */
  lost(reason: string, retryInMs: number): void
  /** It has channels again after so many milliseconds, or at last, where it never had. */
  back(address: string, gapMs: number, wasThere: boolean): void
  /** The broker blocks publishers, with its reason; undefined when it stops. */
  blocked(address: string, reason: string | undefined): void
}

/** What a publisher needs of it. */
export type ConnectionToPublish = Pick<
  SharedConnection,
  'awaitsTurn' | 'opened' | 'channelsFor' | 'inUse' | 'isWanted' | 'reportRetry' | 'reportLoss' | 'release'
>

/** The connection that the sockets of one login share; opened when it is needed, and again after it was lost. */
export class SharedConnection {
  readonly #socket: Socket
  readonly #options: SharedConnectionOptions
  #connection: Promise<BrokerConnection> | undefined
  /** Since when it should have channels and has none, on the clock of `performance.now()`. */
  #missedSince: number | undefined
  /** Why it was lost, until that is reported. */
  #lossToReport: string | undefined
  /** Why attempts failed that were reported, since it was in use. */
  #reported: string | undefined
  /** Channels to publish on are open. */
  #isInUse = false
  /** They were open before, and it was not released since. */
  #wasInUse = false
  /** The user was refused a channel. */
  #isScarce = false
  /** It was there, and `release` closed it. */
  #wasReleased = false
  #lingering: Promise<void> | undefined
  /** It was refused its channels, as other logins of the user have theirs; the next one is opened when these have left them. */
  awaitsTurn = false

  /** @param socket any of those that share the connection */
  constructor(socket: Socket, options: SharedConnectionOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** The open connection. @throws EviError why there is none; the next call tries again */
  async opened(): Promise<BrokerConnection> {
    this.#connection ??= this.#connect()
    return await this.#connection
  }

  /** The channels to publish on, for so many sockets. */
  channelsFor(sockets: number): ChannelUse {
    return channelsFor(sockets, this.#isScarce)
  }

  /** The channels to publish on are open. @param leave called when another one waits for its descriptor, or for its channels */
  inUse(connection: BrokerConnection, leave: () => void): void {
    const { host } = connection
    const since = this.#missedSince
    if (since !== undefined)
      this.#options.listener.back(printAddress(host), performance.now() - since, this.#wasInUse)
    this.#missedSince = undefined
    this.#reported = undefined
    this.#isInUse = true
    this.#wasInUse = true
    connection.onWanted(leave)
    this.#options.turns.hasChannels(this, leave)
  }

  /** Another one waits for its descriptor, or for its channels. */
  isWanted(connection: BrokerConnection): boolean {
    return connection.isWanted || this.#options.turns.areWanted
  }

  /** Reports that a retry follows in so many milliseconds, and the loss that it follows, as one. */
  reportRetry(reason: string, retryInMs: number): void {
    const why = this.#lossToReport ?? reason
    this.#options.listener.lost(why, retryInMs)
    this.#reported = why
    this.#lossToReport = undefined
    this.#missedSince ??= performance.now()
  }

  /** Reports a loss that was not reported, where no wait follows. */
  reportLoss(): void {
    const loss = this.#lossToReport
    if (loss !== undefined && loss !== this.#reported) this.reportRetry(loss, 0)
    this.#lossToReport = undefined
  }

  /** Cuts the connection, if there is one. */
  async cut(reason: string): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.destroy(reason)
  }

  /** Closes the open connection in order, for the sake of others; the next message opens another. */
  async release(connection: BrokerConnection): Promise<void> {
    this.#wasReleased = true
    this.#wasInUse = false
    await connection.close()
    await connection.lost
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.close()
  }

  async #connect(): Promise<BrokerConnection> {
    const { broker, timing, listener, turns } = this.#options
    const open = () => broker.connect(this.#socket, timing)
    try {
      await turns.take(this, this.#options)
      await this.#lingering
      this.#lingering = undefined
      const connection = await (this.#missedSince === undefined ? this.#openFirst(open) : this.#reopen(open))
      const address = printAddress(connection.host)
      connection.onBlocked((reason) => listener.blocked(address, reason))
      void connection.lost.then((reason) => this.#forget(reason))
      return connection
    } catch (error) {
      turns.leave(this)
      this.#connection = undefined
      this.#missedSince = undefined
      throw error
    }
  }

  /** A broker that is there, and whose refusal may pass, is waited for, as is one that was there; one that never was is not. */
  async #openFirst(open: () => Promise<BrokerConnection>): Promise<BrokerConnection> {
    const start = performance.now()
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof EviError && (error.transientByReply || this.#wasReleased))) throw error
      this.#missedSince = start
      return await this.#reopen(open)
    }
  }

  async #reopen(open: () => Promise<BrokerConnection>): Promise<BrokerConnection> {
    const { retryFor, signal, listener } = this.#options
    const onFailure = (reason: EviError, retryInMs: number) => listener.lost(reason.message, retryInMs)
    const budget = new RetryBudget(retryFor)
    budget.lost()
    return await reopen(open, { budget, signal, onFailure })
  }

  #forget(reason: EviError | undefined): void {
    const hadChannels = this.#isInUse
    const { turns } = this.#options
    const isLimit = reason instanceof ChannelLimit
    this.#connection = undefined
    this.#isInUse = false
    this.awaitsTurn = isLimit && this.#isScarce && turns.refused(this)
    turns.leave(this)
    if (!reason) return
    if (isLimit && (!this.#isScarce || hadChannels || this.awaitsTurn)) {
      // Not a fault: the next connection asks for less, or comes when others have left theirs.
      this.#isScarce = true
      this.#lingering = sleep(closedChannelsLinger)
      return
    }
    this.#missedSince ??= performance.now()
    this.#lossToReport = reason.message
  }
}
