import { pause } from '#lib/async/long-timer.ts'
import type { BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { noQueue } from '#lib/domain/failure/remedies.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
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

/** Milliseconds. */
const betweenCounts = 50
/** Of a queue that was empty before. */
const mostPeeked = 100

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
  /** Of those, how many were looked at. */
  #peeked = 0
  #counting: Promise<void> = Promise.resolve()

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

  /** Resolves when all of this attempt came, or none will be seen; never where one is lacking, until the signal. */
  async complete(signal: AbortSignal): Promise<void> {
    if (this.#watch === undefined || this.failure !== undefined) return
    const before = this.#countUntil(this.#starts.at(-1) as number)
    // What lacked at the first attempt may come with the second one.
    const all = this.#arrivals.more(before + this.#expected - 1)
    await (this.#before === undefined ? all : Promise.race([all, this.#watchCount(signal)]))
  }

  /** Looks at what waits in the queue; at the messages themselves only where none waited before. */
  async count(): Promise<void> {
    if (this.#before === undefined) return
    this.#counting = this.#counting.then(() => this.#count(this.#before as number))
    await this.#counting
  }

  async #count(before: number): Promise<void> {
    const now = await this.#waiting()
    this.#grownBy = now === undefined ? undefined : now - before
    const isSeenOtherwise = this.#peeked === 0 && this.#arrivals.count > 0
    if (before > 0 || isSeenOtherwise || (this.#grownBy ?? 0) <= this.#peeked) return
    const at = performance.now()
    const bodies = (await this.#watch?.peek(mostPeeked)) ?? []
    for (const body of bodies.slice(this.#peeked)) this.#arrivals.add(body, at)
    this.#peeked = bodies.length
  }

  /** Counts until as many more wait as there are subscribers. */
  async #watchCount(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.count()
      if (this.#grownBy === undefined || !this.lacksSome) return
      await pause(betweenCounts)
    }
  }

  /** Whether less came than was published, as far as is seen. */
  get lacksSome(): boolean {
    if (this.failure !== undefined || this.#watch === undefined) return false
    if (this.#arrivals.same.length >= this.#expected) return false
    if (this.#watch.by !== 'count' || this.#peeked > 0) return true
    return this.#grownBy !== undefined && this.#grownBy < this.#expected
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
    if (this.#isCounted) {
      const more = this.#grownBy === 1 ? 'one message' : `${this.#grownBy} messages`
      const why = this.#before === 0 ? 'a look would count as a delivery' : 'others wait before'
      const reason = `The queue "${this.socket.routingKey}" has exactly ${more} more; the bytes were not compared, as ${why}.`
      const hint = `See them: evi tail --peek --socket ${shellWord(printSocket(this.socket))}`
      return { ...subscriber, status: 'counted', attempt: null, ms: null, reason, hint, code: undefined }
    }
    return { ...subscriber, attempt: null, ms: null, ...this.#whyNot() }
  }

  /** Whether the queue grew by just what was published to it. */
  get #isCounted(): boolean {
    const all = this.#expected * this.#starts.length
    return this.#peeked === 0 && (this.#grownBy === this.#expected || this.#grownBy === all)
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
    if (this.#peeked === 0 && this.#grownBy !== undefined && this.#grownBy > this.#expected) {
      return {
        status: 'unseen',
        code: 'unknown',
        reason: `The queue "${socket.routingKey}" has ${this.#grownBy} messages more: others publish there, too, and evi cannot see whether one of them is OpenSIPS's.`,
        hint: `See them: evi tail --peek --socket ${shellWord(printSocket(socket))}`,
      }
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
      hint: `OpenSIPS may be deaf, or not reach the broker, or its connection was closed a moment ago: the broker keeps that one for up to half a minute, and OpenSIPS loses all until then. Its log says more, and: evi check ${shellWord(event)} --opensips ${shellWord(openSipsUrl)} --management http://HOST:15672`,
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
