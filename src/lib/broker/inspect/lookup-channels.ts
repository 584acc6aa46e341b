import type { Channel, ChannelModel } from 'amqplib'
import pLimit, { type LimitFunction } from 'p-limit'
import { insideOf } from '#lib/broker/wire/amqplib-internals.ts'
import { openChannel } from '#lib/broker/wire/channel.ts'

/** Lookups that are open together, each on a channel. */
const lookupsTogether = 8
/** A broker that allows fewer channels on a connection than this gets each back after one lookup. */
const fewChannels = 4 * lookupsTogether

/** A channel, and why the broker closed it. */
interface LookupChannel {
  readonly channel: Channel
  closedBy: unknown
}

/** The channels of a connection for lookups. One is used again until a refusal closes it. */
export class LookupChannels {
  readonly #model: ChannelModel
  readonly #idle: LookupChannel[] = []
  readonly #mostIdle: number
  readonly #limit: LimitFunction

  /** @param isScarce the user is allowed few channels, so that lookups share one */
  constructor(model: ChannelModel, isScarce: boolean) {
    this.#model = model
    // 0 stands for no limit.
    const { channelMax } = insideOf(model)
    const most = isScarce ? 1 : channelMax || Number.POSITIVE_INFINITY
    this.#limit = pLimit(Math.min(lookupsTogether, most))
    if (isScarce) this.#mostIdle = 1
    else this.#mostIdle = most < fewChannels ? 0 : lookupsTogether
  }

  /** Waits for its turn, as a broker may allow few channels on the connection. */
  async inTurn<T>(lookup: () => Promise<T>): Promise<T> {
    return await this.#limit(lookup)
  }

  /** Asks on a channel. @throws the reason of its closing, if it came to that */
  async ask<T>(question: (channel: Channel) => Promise<T>): Promise<T> {
    const used = this.#idle.pop() ?? (await this.#open())
    try {
      const answer = await question(used.channel)
      if (this.#idle.length < this.#mostIdle) this.#idle.push(used)
      else await used.channel.close()
      return answer
    } catch (error) {
      throw used.closedBy ?? error
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(({ channel }) => channel.close().catch(() => {})))
  }

  async #open(): Promise<LookupChannel> {
    const opened: LookupChannel = { channel: await openChannel(this.#model), closedBy: undefined }
    opened.channel.on('error', (error) => {
      opened.closedBy = error
    })
    opened.channel.on('close', () => {
      const at = this.#idle.indexOf(opened)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    return opened
  }
}
