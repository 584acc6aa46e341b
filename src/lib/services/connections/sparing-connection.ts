import { setTimeout as sleep } from 'node:timers/promises'
import { RetryBudget } from '#lib/async/retry-budget.ts'
import type { BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { ChannelLimit } from '#lib/errors.ts'

export interface SparingOptions {
  /** Opens one in its place. */
  readonly reopen: () => Promise<BrokerConnection>
  /** Milliseconds to retry without an answer, as other programs may have the channels. */
  readonly retryFor: number
}

/** A connection in whose place comes one with few channels, where the user may have fewer than are used. */
export class SparingConnection {
  #connection: BrokerConnection
  readonly #reopen: () => Promise<BrokerConnection>
  #replacing: Promise<void> | undefined
  /** Without an answer in between. */
  readonly #refusals: RetryBudget

  constructor(connection: BrokerConnection, { reopen, retryFor }: SparingOptions) {
    this.#connection = connection
    this.#reopen = reopen
    this.#refusals = new RetryBudget(retryFor)
  }

  /** @throws EviError why the connection cannot be opened */
  static async open(
    open: () => Promise<BrokerConnection>,
    { replyTimeout }: Timing,
  ): Promise<SparingConnection> {
    return new SparingConnection(await open(), { reopen: open, retryFor: replyTimeout })
  }

  /** The one that is in use. */
  get current(): BrokerConnection {
    return this.#connection
  }

  /**
   * Asks again, over another connection with few channels, what met the limit of channels; it must be harmless to ask twice.
   *
   * @param metLimit whether an answer is that it did, which is not thrown
   * @throws EviError why the connection cannot be opened again, and what the question throws
   */
  async ask<T>(
    question: (connection: BrokerConnection) => Promise<T>,
    metLimit: (answer: T) => boolean = () => false,
  ): Promise<T> {
    while (true) {
      const connection = this.#connection
      const asking = question(connection)
      const isRefused = await asking.then(metLimit, (error) => error instanceof ChannelLimit)
      if (!isRefused) this.#refusals.reset()
      if (!isRefused || !(await this.#replaced(connection))) return await asking
    }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  /** Resolves when another connection is in this one's place; with false where there was none for too long. */
  async #replaced(connection: BrokerConnection): Promise<boolean> {
    if (connection === this.#connection && !this.#replacing) {
      if (this.#refusals.failed() === undefined) return false
      this.#replacing = this.#replace().finally(() => {
        this.#replacing = undefined
      })
    }
    await this.#replacing
    return true
  }

  async #replace(): Promise<void> {
    await sleep(closedChannelsLinger)
    this.#connection = await this.#reopen()
    this.#connection.useFewChannels()
  }
}
