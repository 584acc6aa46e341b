import { setTimeout as sleep } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, BrokerConnection, Timing } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** Milliseconds; connections that do not last so long are made again ever more slowly. */
const shortLife = 10_000

/** The connection that consumers share, made when one is to be opened, and again after it was dropped. */
export class WatchConnection {
  readonly #broker: Broker
  readonly #timing: Timing
  #current: BrokerConnection | undefined
  #openedAt = 0
  #isScarce = false

  constructor(broker: Broker, timing: Timing) {
    this.#broker = broker
    this.#timing = timing
  }

  /** The open connection, or a new one to the socket's broker. @throws EviError why there is none */
  async opened(socket: Socket): Promise<BrokerConnection> {
    if (this.#current) return this.#current
    this.#current = await this.#broker.connect(socket, this.#timing)
    this.#openedAt = performance.now()
    if (this.#isScarce) this.#current.useFewChannels()
    return this.#current
  }

  /** Waits for the connection's loss, and no longer than the time for another attempt, where one is to come (milliseconds). */
  async lostWithin(pause: number | undefined, signal: AbortSignal): Promise<EviError | 'retry' | 'stopped'> {
    const over = new AbortController()
    const events: Promise<EviError | 'retry'>[] = []
    if (this.#current) events.push(this.#current.lost.then((reason) => reason ?? closed()))
    if (pause !== undefined) {
      const retry = sleep(pause, 'retry' as const, { signal: over.signal })
      events.push(retry.catch(() => 'retry' as const))
    }
    try {
      return await unlessStopped(signal, Promise.race(events))
    } finally {
      over.abort()
    }
  }

  /** Whether the last connection lived long enough for the next one to be made at once. */
  get hasLasted(): boolean {
    return performance.now() - this.#openedAt >= shortLife
  }

  /** Whether the user was refused a channel, so that the connections use few. */
  get isScarce(): boolean {
    return this.#isScarce
  }

  /** Whether it answers, where there is one. */
  async answers(): Promise<boolean> {
    return this.#current === undefined || (await this.#current.ping())
  }

  /** The connections to come use few channels; resolves when the broker has forgotten those of the last one. */
  async useFewChannels(): Promise<void> {
    this.#isScarce = true
    await sleep(closedChannelsLinger)
  }

  /** Closes the connection, so that the next use opens another one. */
  async drop(): Promise<void> {
    const connection = this.#current
    this.#current = undefined
    await connection?.close()
  }

  /** Closes the connection for good. */
  async close(): Promise<void> {
    await this.#current?.close()
  }
}

function closed(): EviError {
  return new EviError('unreachable', 'The connection was closed.')
}
