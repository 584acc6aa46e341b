import type { Message } from '#lib/broker/broker.ts'
import type { Route, Unconfirmed, UnconfirmedMessages } from './unconfirmed.ts'

/** How long the messages of a channel are in flight, by the delivery tags at some times. */
export class MessageAges {
  readonly #marks: { readonly at: number; readonly tag: number }[] = []

  /**
   * Removes and returns the messages in flight for at least so many milliseconds, though the broker has processed later
   * ones: their queues keep them waiting. To be called at intervals, which are the precision.
   */
  takeOvertaken<M extends Message, D extends Route>(
    unconfirmed: UnconfirmedMessages<M, D>,
    milliseconds: number,
  ): Unconfirmed<M, D>[] {
    const now = performance.now()
    this.#marks.push({ at: now, tag: unconfirmed.lastTag })
    let tag = 0
    for (let mark = this.#marks[0]; mark && now - mark.at >= milliseconds - 1; mark = this.#marks[0]) {
      tag = mark.tag
      this.#marks.shift()
    }
    return unconfirmed.processedTag > tag ? unconfirmed.takeUntil(tag) : []
  }
}
