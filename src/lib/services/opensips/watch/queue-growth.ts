import type { Arrivals } from './arrivals.ts'
import type { SubscriberWatch } from './watch-subscriber.ts'

/** Of a queue that was empty before. */
const mostPeeked = 100

/** By how many messages a queue grows, where what comes to it cannot be watched. */
export class QueueGrowth {
  readonly #watch: SubscriberWatch
  readonly #arrivals: Arrivals
  /** Messages in the queue before the first attempt; undefined where consumers take them away. */
  before: number | undefined
  /** How many more there were when it was last counted. */
  by: number | undefined
  /** Of those, how many were looked at. */
  peeked = 0
  #counting: Promise<void> = Promise.resolve()

  constructor(watch: SubscriberWatch, arrivals: Arrivals) {
    this.#watch = watch
    this.#arrivals = arrivals
  }

  /** Counts what is there before an attempt, unless that is known. */
  async begin(): Promise<void> {
    if (this.before === undefined) this.before = await this.#waiting()
  }

  /** Counts what waits in the queue; looks at the messages themselves only where none waited before. */
  async count(): Promise<void> {
    const { before } = this
    if (before === undefined) return
    this.#counting = this.#counting.then(() => this.#count(before))
    await this.#counting
  }

  async #count(before: number): Promise<void> {
    const now = await this.#waiting()
    this.by = now === undefined ? undefined : now - before
    const isSeenOtherwise = this.peeked === 0 && this.#arrivals.count > 0
    if (before > 0 || isSeenOtherwise || (this.by ?? 0) <= this.peeked) return
    const at = performance.now()
    const bodies = await this.#watch.peek(mostPeeked)
    for (const body of bodies.slice(this.peeked)) this.#arrivals.add(body, at)
    this.peeked = bodies.length
  }

  /** Messages in the queue, where no consumer takes them away. */
  async #waiting(): Promise<number | undefined> {
    const queue = await this.#watch.queue()
    return queue?.consumers === 0 ? queue.messages : undefined
  }
}
