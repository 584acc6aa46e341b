import type { ChannelModel } from 'amqplib'
import type { ExchangeFacts, LookupResult, QueueKind, QueueLookup, Rehearsal } from '#lib/broker/broker.ts'
import type { ConnectionLife } from '#lib/broker/connection-life.ts'
import { ask, inTime } from '#lib/broker/wire/channel.ts'
import { statusOf } from '#lib/domain/failure/failure.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'
import {
  type AskOnChannel,
  findExchange,
  findQueue,
  type LookupLimits,
  onOwnChannel,
  rehearse,
} from './lookup.ts'
import { LookupChannels } from './lookup-channels.ts'

export interface LookupsOptions extends LookupLimits {
  readonly life: ConnectionLife
  /** The user is allowed few channels. */
  readonly isScarce: boolean
}

/** What a connection looks up on its broker, without changing anything, and what it declares: a few at once, each on a channel. */
export class Lookups {
  readonly #model: ChannelModel
  readonly #options: LookupsOptions
  readonly #channels: LookupChannels

  constructor(model: ChannelModel, options: LookupsOptions) {
    this.#model = model
    this.#options = options
    this.#channels = new LookupChannels(model, options.isScarce)
  }

  /** See `BrokerConnection.findExchange`. */
  async findExchange(name: string): Promise<LookupResult> {
    return await this.#inTurn((ask) => findExchange(ask, name, this.#options))
  }

  /** See `BrokerConnection.findQueue`. */
  async findQueue(name: string): Promise<QueueLookup> {
    return await this.#inTurn((ask) => findQueue(ask, name, this.#options))
  }

  /** See `BrokerConnection.describeExchange`. */
  async describeExchange(socket: Socket): Promise<ExchangeFacts> {
    const { describeExchange } = await import('./describe-exchange.ts')
    const { replyTimeout } = this.#options
    return await this.#onOwnChannels(() =>
      ask(socket, () => describeExchange(this.#model, socket, replyTimeout)),
    )
  }

  /** See `BrokerConnection.queueKind`. */
  async queueKind(socket: Socket): Promise<QueueKind> {
    const { lookAtQueue } = await import('./queue-type.ts')
    try {
      const { replyTimeout } = this.#options
      const queue = await this.#onOwnChannels(() =>
        ask(socket, () => lookAtQueue(this.#model, socket, replyTimeout)),
      )
      return queue?.kind ?? 'unknown'
    } catch (error) {
      if (error instanceof EviError && error.code === 'refused') return 'unknown'
      throw error
    }
  }

  /** See `BrokerConnection.declare`. */
  async declare(declaration: Declaration, socket: Socket): Promise<void> {
    const { declare } = await import('./declare.ts')
    const { replyTimeout } = this.#options
    await this.#inTurn((ask) => inTime(replyTimeout, declare(ask, declaration, socket)))
  }

  /** See `BrokerConnection.rehearse`. */
  async rehearse(socket: Socket): Promise<Rehearsal> {
    const { life, replyTimeout } = this.#options
    const limits = { replyTimeout, blocked: life.firstBlocked }
    const rehearsal = await this.#inTurn((ask) => rehearse(ask, socket, limits))
    if (!('code' in rehearsal)) return rehearsal
    if (statusOf(rehearsal) === 'timeout') life.keptWaiting()
    if (statusOf(rehearsal) !== 'unreachable') return rehearsal
    return await life.explain(rehearsal)
  }

  /** See `BrokerConnection.ping`. */
  async ping(): Promise<boolean> {
    const { life, replyTimeout } = this.#options
    try {
      // Not in the row of the others, which may wait for a queue that is down.
      await findExchange(onOwnChannel(this.#model), 'amq.direct', this.#options)
      return true
    } catch (error) {
      if (error instanceof ConnectionFull) return true
      life.destroy(`it answered nothing within ${replyTimeout} ms`)
      return false
    }
  }

  /** See `BrokerConnection.endLookups`. */
  async end(): Promise<void> {
    await this.#channels.close()
  }

  /** Work that opens channels itself; where the user may have few, none of the others stays open beside them. */
  async #onOwnChannels<T>(work: () => Promise<T>): Promise<T> {
    return await this.#inTurn(async () => {
      if (this.#options.isScarce) await this.#channels.close()
      return await work()
    })
  }

  async #inTurn<T>(look: (ask: AskOnChannel) => Promise<T>): Promise<T> {
    const channels = this.#channels
    const answer = channels.inTurn(() => look((question) => channels.ask(question)))
    return await this.#options.life.orReasonOfLoss(answer)
  }
}
