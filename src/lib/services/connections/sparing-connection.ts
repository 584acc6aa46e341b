import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerConnection } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { ChannelLimit } from '#lib/errors.ts'

/** A connection in whose place comes one with few channels, where the user may have fewer than are used. */
export class SparingConnection {
  #connection: BrokerConnection
  readonly #reopen: () => Promise<BrokerConnection>
  #withFew: Promise<void> | undefined

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

  /** Asks once more, with few channels, what met the limit of channels; it must be harmless to ask twice. */
  async ask<T>(question: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    try {
      return await question(this.#connection)
    } catch (error) {
      if (!(error instanceof ChannelLimit)) throw error
      return await question(await this.withFewChannels())
    }
  }

  /** Once: a second refusal is the broker's last word. */
  async withFewChannels(): Promise<BrokerConnection> {
    this.#withFew ??= this.#replace()
    await this.#withFew
    return this.#connection
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  async #replace(): Promise<void> {
    await sleep(closedChannelsLinger)
    this.#connection = await this.#reopen()
    this.#connection.useFewChannels()
  }
}
