import { pause } from '#lib/async/long-timer.ts'
import type { BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { harmlesslyWatched, type WatchedPlace as Watched } from '#lib/domain/failure/permissions.ts'
import { noQueue } from '#lib/domain/failure/remedies.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { Arrivals } from './arrivals.ts'
import type { ProvenSubscriber } from './proven-subscriber.ts'
import { QueueGrowth } from './queue-growth.ts'
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
  /** Where nothing else shows whether something came. */
  #growth: QueueGrowth | undefined
  readonly #starts: number[] = []

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
      if (this.#watch.by === 'count') this.#growth = new QueueGrowth(this.#watch, this.#arrivals)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.failure = error
    }
    void connection.lost.then((reason) => {
      this.failure ??= reason
    })
  }

  /** It, and how it is watched, as far as that is known. */
  get watched(): Watched {
    const { failure, socket } = this
    return harmlesslyWatched(socket, failure instanceof PermissionMissing && failure.permission.isToRead)
  }

  async begin(): Promise<void> {
    await this.#growth?.begin()
    this.#starts.push(performance.now())
  }

  /** Resolves when all of this attempt came, or none will be seen; never where one is lacking, until the signal. */
  async complete(signal: AbortSignal): Promise<void> {
    if (this.#watch === undefined || this.failure !== undefined) return
    const before = this.#countUntil(this.#starts.at(-1) as number)
    // What lacked at the first attempt may come with the second one.
    const all = this.#arrivals.more(before + this.#expected - 1)
    const isCounted = this.#growth?.before !== undefined
    await (isCounted ? Promise.race([all, this.#watchCount(signal)]) : all)
  }

  /** Counts what waits in the queue, where only that shows whether something came. */
  async count(): Promise<void> {
    await this.#growth?.count()
  }

  /** Counts until as many more wait as there are subscribers. */
  async #watchCount(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.count()
      if (this.#growth?.by === undefined || !this.lacksSome) return
      await pause(betweenCounts)
    }
  }

  /** Whether less came than was published, as far as is seen. */
  get lacksSome(): boolean {
    if (this.failure !== undefined || this.#watch === undefined) return false
    if (this.#arrivals.same.length >= this.#expected) return false
    if (!this.#growth || this.#growth.peeked > 0) return true
    return this.#growth.by !== undefined && this.#growth.by < this.#expected
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
    if (this.#growth && this.#isAsPublished(this.#growth)) {
      const { by, before } = this.#growth
      const more = by === 1 ? 'one message' : `${by} messages`
      const why = before === 0 ? 'a look would count as a delivery' : 'others wait before'
      const reason = `The queue "${this.socket.routingKey}" has exactly ${more} more; the bytes were not compared, as ${why}.`
      const hint = `See them: evi tail --peek --socket ${shellWord(printSocket(this.socket))}`
      return { ...subscriber, status: 'counted', attempt: null, ms: null, reason, hint, code: undefined }
    }
    return { ...subscriber, attempt: null, ms: null, ...this.#whyNot() }
  }

  /** Whether the queue grew by just what was published to it. */
  #isAsPublished({ by, peeked }: QueueGrowth): boolean {
    const all = this.#expected * this.#starts.length
    return peeked === 0 && (by === this.#expected || by === all)
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
    const growth = this.#growth
    if (growth?.peeked === 0 && growth.by !== undefined && growth.by > this.#expected) {
      return {
        status: 'unseen',
        code: 'unknown',
        reason: `The queue "${socket.routingKey}" has ${growth.by} messages more: others publish there, too, and evi cannot see whether one of them is OpenSIPS's.`,
        hint: `See them: evi tail --peek --socket ${shellWord(printSocket(socket))}`,
      }
    }
    if (growth && growth.by === undefined) {
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
}

interface Failed {
  readonly status: ProvenSubscriber['status']
  readonly code: ErrorCode
  readonly reason: string
  readonly hint: string | null
}
