import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { loopback } from '#lib/sandbox/node-files.ts'
import { numberOf } from './events.ts'
import type { StreamEnd } from './numbered-stream.ts'
import type { Tally } from './tally.ts'

export interface ConsumerOptions {
  readonly queue: string
  readonly tally: Tally
  /** The user, with the same word as password; by default guest. */
  readonly user?: string
}

const prefetch = 2000
/** Milliseconds between looks at a queue that is to become empty, and the looks in a row that must find it so. */
const interval = 250
const looks = 3
/** Milliseconds between looks at the tally. */
const blink = 20

/**
 * Takes a queue's events into a tally, each acknowledged. It leaves in order before a fault that would hit it too, so
 * that whatever arrives twice was sent twice.
 */
export class Consumer implements AsyncDisposable {
  readonly #options: ConsumerOptions
  #model: ChannelModel | undefined
  #channel: Channel | undefined
  #unacknowledged = 0
  #last: ConsumeMessage | undefined

  constructor(options: ConsumerOptions) {
    this.#options = options
  }

  async attach(port: number): Promise<void> {
    const { user: username = 'guest', queue } = this.#options
    const model = await connect({ hostname: loopback, port, username, password: username }, { noDelay: true })
    // What it does next fails, and says why.
    model.on('error', () => {})
    this.#model = model
    this.#channel = await model.createChannel()
    this.#channel.on('error', () => {})
    await this.#channel.prefetch(prefetch)
    await this.#channel.consume(queue, (message) => this.#take(message), { consumerTag: 'soak' })
  }

  /** Leaves with everything acknowledged that it got. */
  async detach(): Promise<void> {
    const model = this.#model
    const channel = this.#channel
    this.#model = undefined
    this.#channel = undefined
    if (!model || !channel) return
    await channel.cancel('soak')
    this.#acknowledge(channel)
    await channel.close()
    await model.close()
  }

  /** Resolves when so many events are there. @throws Error when that which is to raise them ends before */
  async sees(count: number, ended: Promise<StreamEnd>): Promise<void> {
    const { tally } = this.#options
    while (tally.count < count) {
      const end = await Promise.race([ended, sleep(blink)])
      if (end && tally.count < count) throw new Error(`evi ended with ${end.code}. ${end.said}`)
    }
  }

  /** Resolves when the queue is empty, and all that was in it is counted. */
  async drain(): Promise<void> {
    for (let empty = 0; empty < looks; ) {
      const { messageCount } = await this.#channelOrThrow().checkQueue(this.#options.queue)
      empty = messageCount === 0 ? empty + 1 : 0
      await sleep(interval)
    }
    await this.detach()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model?.close().catch(() => {})
  }

  #channelOrThrow(): Channel {
    if (!this.#channel) throw new Error('The consumer is away.')
    return this.#channel
  }

  #take(message: ConsumeMessage | null): void {
    if (message === null) return
    this.#options.tally.add(numberOf(message.content))
    this.#last = message
    if (++this.#unacknowledged >= prefetch / 4 && this.#channel) this.#acknowledge(this.#channel)
  }

  #acknowledge(channel: Channel): void {
    if (this.#last) channel.ack(this.#last, true)
    this.#last = undefined
    this.#unacknowledged = 0
  }
}
