import type { BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { noQueue } from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { Arrivals } from './arrivals.ts'
import type { ProvenSubscriber } from './proven-subscriber.ts'
import { type SubscriberWatch, watchSubscriber } from './watch-subscriber.ts'

export interface WatchOptions {
  readonly event: string
  /** The address of OpenSIPS, as it is shown. */
  readonly openSipsUrl: string
  /** What OpenSIPS is to publish, byte for byte. */
  readonly body: Buffer
  readonly timing: Timing
  readonly findManagement: ManagementFinder
}

/** An exchange and routing key, or a queue, to which OpenSIPS publishes for one subscriber or several. */
export class WatchedPlace {
  readonly socket: Socket
  /** Why nothing is seen there. */
  failure: EviError | undefined
  /** How many subscribers lead there. */
  readonly #expected: number
  readonly #options: WatchOptions
  readonly #arrivals: Arrivals
  #watch: SubscriberWatch | undefined
  #starts: number[] = []
  /** Messages in the queue before the first attempt, and how many more there were after the last one. */
  #before: number | undefined
  #grownBy: number | undefined

  constructor(socket: Socket, expected: number, options: WatchOptions) {
    this.socket = socket
    this.#expected = expected
    this.#options = options
    this.#arrivals = new Arrivals(options.event, options.body)
  }

  async open(connection: BrokerConnection): Promise<void> {
    const { findManagement } = this.#options
    try {
      this.#watch = await watchSubscriber(this.socket, connection, {
        arrivals: this.#arrivals,
        findManagement,
      })
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.failure = error
    }
    void connection.lost.then((reason) => {
      this.failure ??= reason
    })
  }

  async begin(): Promise<void> {
    if (this.#watch?.by === 'count' && this.#before === undefined) this.#before = await this.#waiting()
    this.#starts.push(performance.now())
  }

  /** Resolves when all of this attempt came, or none will be seen; never where one is lacking. */
  async complete(): Promise<void> {
    if (this.#watch === undefined || this.failure !== undefined) return
    const before = this.#countUntil(this.#starts.at(-1) as number)
    // What lacked at the first attempt may come with the second one.
    await this.#arrivals.more(before + this.#expected - 1)
  }

  /** Looks at what waits in the queue. */
  async count(): Promise<void> {
    if (this.#before === undefined) return
    const now = await this.#waiting()
    this.#grownBy = now === undefined ? undefined : now - this.#before
  }

  /** Whether less came than was published, as far as is seen. */
  get lacksSome(): boolean {
    if (this.failure !== undefined || this.#watch === undefined) return false
    if (this.#arrivals.same.length >= this.#expected) return false
    return this.#watch.by !== 'count' || (this.#grownBy !== undefined && this.#grownBy < this.#expected)
  }

  /** @param rank of the subscriber among those that lead here */
  resultOf(subscriber: { printed: string; socket: Socket }, rank: number): ProvenSubscriber {
    const arrival = this.#arrivals.same[rank]
    if (arrival !== undefined) {
      const attempt = this.#starts.findLastIndex((start) => start <= arrival.at)
      const ms = Math.round((arrival.at - (this.#starts[attempt] as number)) * 10) / 10
      const seen = { ...subscriber, attempt: attempt + 1, ms }
      if (this.#watch?.by !== 'stand-in')
        return { ...seen, status: 'arrived', reason: null, hint: null, code: undefined }
      const { reason, hint } = noQueue(this.socket)
      const only = `OpenSIPS published it, and only evi got it: ${reason}`
      return { ...seen, status: 'unroutable', reason: only, hint, code: 'unroutable' }
    }
    if (this.#grownBy !== undefined && this.#grownBy > rank) {
      const reason = `The queue "${this.socket.routingKey}" has ${this.#grownBy} more; the bytes were not compared.`
      return {
        ...subscriber,
        status: 'counted',
        attempt: null,
        ms: null,
        reason,
        hint: null,
        code: undefined,
      }
    }
    return { ...subscriber, attempt: null, ms: null, ...this.#whyNot() }
  }

  #whyNot(): Failed {
    const { failure, socket } = this
    if (failure !== undefined)
      return { status: 'unseen', code: failure.code, reason: failure.message, hint: failure.hint ?? null }
    const { different } = this.#arrivals
    if (different !== undefined)
      return {
        status: 'differs',
        code: 'data',
        reason: `An event of this name arrived, but with other bytes: ${different.differs}`,
        hint: 'OpenSIPS may have raised it by itself at the same time; try again.',
      }
    if (this.#watch?.by === 'count' && this.#grownBy === undefined) {
      const place =
        socket.exchange === '' ? `the queue "${socket.routingKey}" has consumers` : socket.exchange
      return {
        status: 'unseen',
        code: 'unknown',
        reason: `evi takes nothing from others, and so cannot see whether it arrived: ${place}.`,
        hint: `See it in its consumer, or by the firehose, once an admin has run: rabbitmqctl trace_on`,
      }
    }
    const { event, openSipsUrl, timing } = this.#options
    const times = this.#starts.length === 1 ? '' : ' twice'
    return {
      status: 'lost',
      code: 'timeout',
      reason: `OpenSIPS said OK${times}, and nothing arrived within ${timing.replyTimeout} ms.`,
      hint: `OpenSIPS may be deaf, or not reach the broker; its log says more, and: evi check ${shellWord(event)} --opensips ${shellWord(openSipsUrl)} --management http://HOST:15672`,
    }
  }

  #countUntil(time: number): number {
    return this.#arrivals.same.filter(({ at }) => at < time).length
  }

  /** Messages in the queue, where no consumer takes them away. */
  async #waiting(): Promise<number | undefined> {
    const queue = await this.#watch?.queue()
    return queue?.consumers === 0 ? queue.messages : undefined
  }
}

interface Failed {
  readonly status: ProvenSubscriber['status']
  readonly code: ErrorCode
  readonly reason: string
  readonly hint: string | null
}
