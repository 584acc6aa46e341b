import { setTimeout as sleep } from 'node:timers/promises'
import { remember } from '#lib/async/remember.ts'
import type { BrokerConnection, Rehearsal } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit } from '#lib/errors.ts'

/** What a judge of a route may ask of a connection. */
export type Lookups = Pick<BrokerConnection, 'cluster' | 'host' | 'findQueue'>

/**
 * The connection that the sockets of a check share. What several of them ask is looked at once, and where the user may have
 * fewer channels than are used, another connection with one takes its place.
 */
export class CheckConnection implements Lookups {
  #connection: BrokerConnection
  readonly #reopen: () => Promise<BrokerConnection>
  #withFew: Promise<void> | undefined

  constructor(connection: BrokerConnection, reopen: () => Promise<BrokerConnection>) {
    this.#connection = connection
    this.#reopen = reopen
  }

  get cluster(): string | undefined {
    return this.#connection.cluster
  }

  get host(): BrokerConnection['host'] {
    return this.#connection.host
  }

  readonly findExchange = remember((name) => this.#ask((connection) => connection.findExchange(name)))

  readonly findQueue = remember((name) => this.#ask((connection) => connection.findQueue(name)))

  async rehearse(socket: Socket): Promise<Rehearsal> {
    const rehearsal = await this.#connection.rehearse(socket)
    if (!('code' in rehearsal && rehearsal.isChannelLimit)) return rehearsal
    await this.#useFewChannels()
    return await this.#connection.rehearse(socket)
  }

  async publish(
    ...publication: Parameters<BrokerConnection['publish']>
  ): ReturnType<BrokerConnection['publish']> {
    const outcome = await this.#connection.publish(...publication)
    if (!('isChannelLimit' in outcome)) return outcome
    await this.#useFewChannels()
    return await this.#connection.publish(...publication)
  }

  /** To be called before the first message is published, as a user may have one channel only. */
  async endLookups(): Promise<void> {
    await this.#connection.endLookups()
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  async #ask<T>(question: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    try {
      return await question(this.#connection)
    } catch (error) {
      if (!(error instanceof ChannelLimit)) throw error
      await this.#useFewChannels()
      return await question(this.#connection)
    }
  }

  /** Once: a second refusal is the broker's last word. */
  async #useFewChannels(): Promise<void> {
    this.#withFew ??= this.#replace()
    await this.#withFew
  }

  async #replace(): Promise<void> {
    await sleep(closedChannelsLinger)
    this.#connection = await this.#reopen()
    this.#connection.useFewChannels()
  }
}
