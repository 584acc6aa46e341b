import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerConnection } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { ChannelLimit } from '#lib/errors.ts'

/** So often in a row, another program may have the channels, or the broker may not have forgotten those that were closed. */
const mostRefusals = 3

/** A connection in whose place comes one with few channels, where the user may have fewer than are used. */
export class SparingConnection {
  #connection: BrokerConnection
  readonly #reopen: () => Promise<BrokerConnection>
  #replacing: Promise<void> | undefined
  /** Since the last answer. */
  #refusals = 0

  constructor(connection: BrokerConnection, reopen: () => Promise<BrokerConnection>) {
    this.#connection = connection
    this.#reopen = reopen
  }

  /** @throws EviError why the connection cannot be opened */
  static async open(open: () => Promise<BrokerConnection>): Promise<SparingConnection> {
    return new SparingConnection(await open(), open)
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
      if (!isRefused) this.#refusals = 0
      if (!isRefused || !(await this.#replaced(connection))) return await asking
    }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  /** Resolves when another connection is in this one's place; with false where no attempt is left. */
  async #replaced(connection: BrokerConnection): Promise<boolean> {
    if (connection === this.#connection && !this.#replacing) {
      if (this.#refusals === mostRefusals) return false
      this.#refusals++
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
