import { remember } from '#lib/async/remember.ts'
import type { BrokerConnection, Publication, PublishOutcome, Rehearsal } from '#lib/broker/broker.ts'
import { metChannelLimit } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { SparingConnection, type SparingOptions } from '#lib/services/connections/sparing-connection.ts'

/** What a judge of a route may ask of a connection. */
export type Lookups = Pick<BrokerConnection, 'cluster' | 'host' | 'findQueue'>

/**
 * The connection that the sockets of a check share. What several of them ask is looked at once, and where the user may have
 * fewer channels than are used, another connection with one takes its place.
 */
export class CheckConnection implements Lookups {
  readonly #sparing: SparingConnection

  constructor(connection: BrokerConnection, options: SparingOptions) {
    this.#sparing = new SparingConnection(connection, options)
  }

  get cluster(): string | undefined {
    return this.#sparing.current.cluster
  }

  get host(): BrokerConnection['host'] {
    return this.#sparing.current.host
  }

  readonly findExchange = remember((name) => this.#sparing.ask((connection) => connection.findExchange(name)))

  readonly findQueue = remember((name) => this.#sparing.ask((connection) => connection.findQueue(name)))

  async rehearse(socket: Socket): Promise<Rehearsal> {
    return await this.#sparing.ask((connection) => connection.rehearse(socket), metChannelLimit)
  }

  async publish(publication: Publication): Promise<PublishOutcome> {
    return await this.#sparing.ask((connection) => connection.publish(publication), metChannelLimit)
  }

  /** To be called before the first message is published, as a user may have one channel only. */
  async endLookups(): Promise<void> {
    await this.#sparing.current.endLookups()
  }

  async close(): Promise<void> {
    await this.#sparing.close()
  }
}
