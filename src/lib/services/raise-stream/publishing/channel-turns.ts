import { setTimeout as sleep } from 'node:timers/promises'
import { startTimer } from '#lib/async/long-timer.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'

export interface TurnLimits {
  /** Milliseconds to wait for a turn; then an attempt is made without. */
  readonly retryFor: number
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/** Milliseconds after the last refusal in which turns are taken, as the limit, or what others have of it, may change. */
const remembered = 60_000

/** A login that waits for its turn. */
interface Waiting {
  readonly login: object
  readonly begin: () => void
}

/**
 * The turns of one user's logins to one broker, as on several vhosts. They are taken from the moment on that one of them is
 * refused its only channel while others have theirs: the user may have no more channels than those.
 */
export class ChannelTurns {
  /** With what asks them to leave, for those that have channels. */
  readonly #holders = new Map<object, (() => void) | undefined>()
  readonly #waiting: Waiting[] = []
  #most = Number.POSITIVE_INFINITY
  #refusedAt = 0

  /** Others wait for their turn. */
  get areWanted(): boolean {
    return this.#waiting.length > 0
  }

  /** Resolves when it is the login's turn. */
  async take(login: object, limits: TurnLimits): Promise<void> {
    if (performance.now() - this.#refusedAt > remembered) this.#most = Number.POSITIVE_INFINITY
    if (this.#holders.size >= this.#most) await this.#wait(login, limits)
    this.#holders.set(login, undefined)
  }

  /** The login has channels. @param leave called when another one waits */
  hasChannels(login: object, leave: () => void): void {
    this.#holders.set(login, leave)
    if (this.areWanted) leave()
  }

  /** The login was refused its only channel. @returns whether others have a turn, which it is to wait for */
  refused(login: object): boolean {
    const others = [...this.#holders].filter(([one]) => one !== login)
    const served = others.filter(([, leave]) => leave !== undefined).length
    this.#refusedAt = performance.now()
    if (others.length > 0) this.#most = Math.min(this.#most, Math.max(served, 1))
    return others.length > 0
  }

  /** The login has no connection any more. */
  leave(login: object): void {
    this.#holders.delete(login)
    while (this.#holders.size < this.#most) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#holders.set(next.login, undefined)
      next.begin()
    }
  }

  async #wait(login: object, { retryFor, signal }: TurnLimits): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const begin = () => resolve()
    const waiting = { login, begin }
    this.#waiting.push(waiting)
    for (const leave of this.#holders.values()) leave?.()
    const stopTimer = startTimer(retryFor, begin)
    signal.addEventListener('abort', begin)
    await promise
    stopTimer()
    signal.removeEventListener('abort', begin)
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
    else await sleep(closedChannelsLinger)
  }
}
